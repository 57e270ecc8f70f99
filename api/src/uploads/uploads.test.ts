import { readdir } from 'node:fs/promises'
import { connect } from 'node:net'
import { cidOf } from '@openledger/protocol'
import { Wallet } from 'ethers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ApiUnderTest, startApiUnderTest } from '../testing/api-under-test.ts'

const TUS = { 'tus-resumable': '1.0.0' }
const OFFSET = { 'content-type': 'application/offset+octet-stream' }
const content = new TextEncoder().encode('a record of some length')

let api: ApiUnderTest
beforeAll(async () => {
  api = await startApiUnderTest()
})
afterAll(() => api.close())

async function create(length: number, headers: Record<string, string> = {}, at = api): Promise<Response> {
  return fetch(`${at.url}/uploads`, {
    method: 'POST',
    headers: { ...TUS, 'upload-length': String(length), ...headers },
  })
}
async function patch(location: string, offset: number, body: Uint8Array, headers: Record<string, string> = {}) {
  return fetch(new URL(location, api.url), {
    method: 'PATCH',
    headers: { ...TUS, ...OFFSET, 'upload-offset': String(offset), ...headers },
    body: body as Uint8Array<ArrayBuffer>,
  })
}

test('an upload that broke off goes on where it stopped, and ends in the content store under its hash', async () => {
  const created = await create(content.length, { 'upload-metadata': `filename ${btoa('../../etc/passwd')}` })
  expect(created.status).toBe(201)
  const location = created.headers.get('location')!
  expect(location).toMatch(/^\/uploads\/[0-9a-f]{32}$/)
  expect((await patch(location, 0, content.subarray(0, 7))).status).toBe(204)
  const head = await fetch(new URL(location, api.url), { method: 'HEAD', headers: TUS })
  expect(head.headers.get('upload-offset')).toBe('7')
  const last = await patch(location, 7, content.subarray(7))
  expect([last.status, last.headers.get('content-cid')]).toEqual([204, cidOf(content)])
  expect(new Uint8Array(await api.contentStore.get(cidOf(content)))).toEqual(content)
  expect(await readdir(api.uploadDirectory)).toEqual([])
})

describe('is refused and leaves nothing in the content store', () => {
  test.each([
    ['more than the limit', () => create(10_000_001), 413],
    ['a length that is none', () => create(0, { 'upload-length': '-1' }), 400],
    ['no length', () => fetch(`${api.url}/uploads`, { method: 'POST', headers: TUS }), 400],
    ['another protocol', () => fetch(`${api.url}/uploads`, { method: 'POST', headers: { 'upload-length': '5' } }), 412],
    ['a multipart form', () => fetch(`${api.url}/uploads`, { method: 'POST', body: new FormData() }), 412],
    ['an upload that is not there', () => patch(`/uploads/${'a'.repeat(32)}`, 0, content), 404],
    ['a path out of the folder', () => patch('/uploads/..%2F..%2Fetc%2Fpasswd', 0, content), 404],
    ['the name of a state file', () => patch(`/uploads/${'a'.repeat(32)}.json`, 0, content), 404],
    ['a web page of somebody else', () => create(5, { origin: 'http://evil.example' }), 403],
    ['reading what has arrived', () => fetch(`${api.url}/uploads/${'a'.repeat(32)}`), 404],
  ])('%s', async (_, send, status) => {
    const response = await send()
    expect([response.status, await response.text()]).toEqual([
      status,
      expect.not.stringMatching(/node_modules|\bat \S+ \(/),
    ])
  })

  test('bytes at an offset that is not the next', async () => {
    const location = (await create(content.length)).headers.get('location')!
    expect((await patch(location, 5, content)).status).toBe(409)
  })

  test('more bytes than were announced', async () => {
    const location = (await create(5)).headers.get('location')!
    const response = await patch(location, 0, content)
    expect(response.status).toBeGreaterThanOrEqual(400)
    expect(await api.contentStore.has(cidOf(content.subarray(0, 5)))).toBe(false)
  })
})

test('what is uploaded is kept as it is and handed out as data: a page is not run, an archive is not unpacked', async () => {
  for (const bytes of [
    '<script>alert(1)</script>',
    'GIF89a/*<svg onload=alert(1)>*/=1;',
    'PK\u0003\u0004bomb',
    '\u0080\u0004pickle',
  ]) {
    const body = new TextEncoder().encode(bytes)
    const location = (await create(body.length, { 'upload-metadata': `filetype ${btoa('text/html')}` })).headers.get(
      'location',
    )!
    const cid = (await patch(location, 0, body)).headers.get('content-cid')
    const served = await fetch(`${api.url}/ipfs/${cid}`)
    expect(served.headers.get('content-type')).toContain('application/octet-stream')
    expect(served.headers.get('content-security-policy')).toContain('sandbox')
  }
})

test('a client that goes away in the middle leaves what it sent, and others are served', async () => {
  const location = (await create(1_000_000)).headers.get('location')!
  const { hostname, port } = new URL(api.url)
  const socket = connect({ host: hostname, port: Number(port) })
  socket.write(
    `PATCH ${location} HTTP/1.1\r\nhost: ${hostname}\r\ntus-resumable: 1.0.0\r\nupload-offset: 0\r\ncontent-type: application/offset+octet-stream\r\ncontent-length: 1000000\r\n\r\n${'x'.repeat(5_000)}`,
  )
  await new Promise((done) => setTimeout(done, 50))
  socket.destroy()
  expect((await fetch(`${api.url}/healthz`)).status).toBe(200)
  await expect
    .poll(
      async () => {
        const head = await fetch(new URL(location, api.url), { method: 'HEAD', headers: TUS })
        return Number(head.headers.get('upload-offset'))
      },
      { timeout: 30_000 },
    )
    .toBeGreaterThan(0)
})

test('where sign-in is asked for, nobody else uploads', async () => {
  const closed = await startApiUnderTest({}, { uploads: 'signed-in' })
  try {
    expect((await create(5, {}, closed)).status).toBe(401)
    const wallet = new Wallet(`0x${'1'.repeat(64)}`)
    const message = await (await fetch(`${closed.url}/session/message?account=${wallet.address}`)).text()
    const opened = await fetch(`${closed.url}/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ message, signature: await wallet.signMessage(message) }),
    })
    const { token } = (await opened.json()) as { token: string }
    expect((await create(5, { authorization: `Bearer ${token}` }, closed)).status).toBe(201)
    const cookie = opened.headers.get('set-cookie')!
    expect(cookie).toMatch(/HttpOnly.*SameSite=Strict/i)
    const who = await fetch(`${closed.url}/session`, { headers: { cookie: cookie.split(';')[0]! } })
    expect(await who.json()).toEqual({ account: wallet.address.toLowerCase() })
  } finally {
    await closed.close()
  }
})

test('an api that takes no uploads says so', async () => {
  const off = await startApiUnderTest({}, { uploads: 'off' })
  try {
    expect((await create(5, {}, off)).status).toBe(403)
  } finally {
    await off.close()
  }
})
