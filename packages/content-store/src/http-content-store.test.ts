import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cidOf } from '@openledger/protocol'
import type { RunningService } from '@openledger/protocol/service'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { DiskContentStore } from './disk-content-store.ts'
import { HttpContentStore } from './http-content-store.ts'
import { startContentServer } from './server.ts'

const text = new TextEncoder().encode('a record')
const cid = cidOf(text)
let directory: string
let service: RunningService
let client: HttpContentStore

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'content-'))
  service = await startContentServer(new DiskContentStore(directory), { port: 0, maxBytes: 1000 })
  client = new HttpContentStore(`${service.url}/`)
})
afterEach(async () => {
  await service.close()
  await rm(directory, { recursive: true })
})

test('the service keeps what a client puts, under the same CID', async () => {
  expect(await client.has(cid)).toBe(false)
  expect(await client.put(text)).toBe(cid)
  expect(await client.has(cid)).toBe(true)
  expect(await client.get(cid)).toEqual(text)
  const json = await client.putJson({ a: 1 })
  expect(new TextDecoder().decode(await client.get(json))).toBe('{"a":1}')
})

test('graph-node finds the version and the content where it asks for them', async () => {
  await client.put(text)
  const version = await fetch(`${service.url}/api/v0/version`, { method: 'POST' })
  expect(await version.json()).toHaveProperty('Version')
  const whole = await fetch(`${service.url}/api/v0/cat?arg=${cid}`, { method: 'POST' })
  expect(await whole.text()).toBe('a record')
  const part = await fetch(`${service.url}/api/v0/cat?arg=/ipfs/${cid}&offset=2&length=3`, { method: 'POST' })
  expect(await part.text()).toBe('rec')
})

test('an IPFS client can add a file', async () => {
  const form = new FormData()
  form.append('file', new Blob([text]), 'record.txt')
  const response = await fetch(`${service.url}/api/v0/add?cid-version=1`, { method: 'POST', body: form })
  expect(await response.json()).toEqual({ Name: 'record.txt', Hash: cid, Size: '8' })
  expect(await client.get(cid)).toEqual(text)
})

test.each([
  ['no file', { method: 'POST', body: new FormData() }, '/api/v0/add', 400, 'content.no_file'],
  ['no multipart', { method: 'POST', body: 'x' }, '/api/v0/add', 400, 'content.no_file'],
  ['another hash', { method: 'PUT', body: 'other bytes' }, `/ipfs/${cid}`, 422, 'content.hash_mismatch'],
  ['a path', { method: 'GET' }, '/ipfs/..%2F..%2Fetc%2Fpasswd', 400, 'cid.malformed'],
  ['missing content', { method: 'POST' }, `/api/v0/cat?arg=${cid}`, 404, 'content.missing'],
  ['too much', { method: 'PUT', body: 'x'.repeat(1001) }, `/ipfs/${cid}`, 413, 'content.too_large'],
  [
    'a web page',
    { method: 'PUT', body: 'a record', headers: { origin: 'http://evil.example' } },
    `/ipfs/${cid}`,
    403,
    'content.cross_origin',
  ],
  ['another route', { method: 'POST' }, '/api/v0/pin/rm', 404, 'content.no_such_route'],
])('%s is refused with a code and changes nothing', async (_, init, path, status, code) => {
  const response = await fetch(`${service.url}${path}`, init)
  expect(response.status).toBe(status)
  expect(await response.json()).toMatchObject({ code, Type: 'error' })
  expect(await client.has(cid)).toBe(false)
})

test('the refusal of the service reaches the caller as a typed error', async () => {
  await expect(client.get(cid)).rejects.toMatchObject({ code: 'content.missing', retryable: true })
  await expect(client.put(new Uint8Array(1001))).rejects.toMatchObject({ code: 'content.too_large' })
  await expect(client.put(text, cidOf(new Uint8Array()))).rejects.toMatchObject({ code: 'content.hash_mismatch' })
  await expect(client.get('no-cid')).rejects.toMatchObject({ code: 'cid.malformed' })
})

test('damage on the disk of the service is an error, not an answer', async () => {
  await client.put(text)
  await writeFile(join(directory, cid.slice(-3, -1), cid), 'a recorD')
  await expect(client.get(cid)).rejects.toMatchObject({ code: 'content.corrupt' })
})

test('uploads of unknown length are cut off at the limit', async () => {
  const socket = connect({ host: '127.0.0.1', port: Number(new URL(service.url).port) })
  socket.write(
    `PUT /ipfs/${cid} HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n${'400\r\n'}${'x'.repeat(1024)}\r\n`,
  )
  const answer = await new Promise<string>((resolve) => socket.once('data', (data) => resolve(data.toString())))
  socket.destroy()
  expect(answer).toContain('413')
})

test('a lying gateway is found out', async () => {
  const liar: Server = createServer((_, response) => response.end('something else'))
  await new Promise<void>((done) => liar.listen(0, '127.0.0.1', done))
  const fooled = new HttpContentStore(`http://127.0.0.1:${(liar.address() as AddressInfo).port}`)
  await expect(fooled.get(cid)).rejects.toMatchObject({ code: 'content.hash_mismatch' })
  await new Promise((done) => liar.close(done))
})

test('a store that is not there is unreachable, which may change', async () => {
  await service.close()
  await expect(client.get(cid)).rejects.toMatchObject({ code: 'content.unreachable', retryable: true })
  service = await startContentServer(new DiskContentStore(directory), { port: 0 })
})

test('a taken port is one clear error', async () => {
  const port = Number(new URL(service.url).port)
  await expect(startContentServer(new DiskContentStore(directory), { port })).rejects.toMatchObject({
    code: 'content.cannot_listen',
    facts: { reason: 'EADDRINUSE' },
  })
})

test('a file goes over the wire and back as the same bytes', async () => {
  const file = join(directory, 'upload')
  await writeFile(file, text)
  expect(await client.putFile(file)).toBe(cid)
  expect(await client.get(cid)).toEqual(text)
  await writeFile(file, new Uint8Array(1001))
  await expect(client.putFile(file)).rejects.toMatchObject({ code: 'content.too_large' })
})
