import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { canonicalJson, cidOf } from '@openledger/protocol'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { DiskContentStore } from './disk-content-store.ts'

const text = new TextEncoder().encode('a record')
const cid = cidOf(text)
let directory: string
let store: DiskContentStore

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'content-'))
  store = new DiskContentStore(directory, { maxBytes: 1000 })
})
afterEach(() => rm(directory, { recursive: true }))

test('content comes back under the CID that the protocol computes', async () => {
  expect(await store.put(text)).toBe(cid)
  expect(await store.has(cid)).toBe(true)
  expect(new Uint8Array(await store.get(cid))).toEqual(text)
})

test('JSON is kept in its canonical form', async () => {
  const kept = await store.putJson({ b: 1, a: [true, null] })
  expect(kept).toBe(cidOf(canonicalJson({ a: [true, null], b: 1 })))
  expect(Buffer.from(await store.get(kept)).toString()).toBe('{"a":[true,null],"b":1}')
})

test('putting the same content many times at once leaves one file and nothing beside it', async () => {
  await Promise.all(Array.from({ length: 20 }, () => store.put(text)))
  const files = (await readdir(directory, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile())
  expect(files.map(({ name }) => name)).toEqual([cid])
})

test('bytes that do not hash to the expected CID are refused and not kept', async () => {
  const other = cidOf(new Uint8Array([1]))
  await expect(store.put(text, other)).rejects.toMatchObject({ code: 'content.hash_mismatch' })
  expect(await store.has(cid)).toBe(false)
  expect(await store.has(other)).toBe(false)
})

test('content above the size limit is refused', async () => {
  expect(await store.put(new Uint8Array(1000))).toBeTypeOf('string')
  await expect(store.put(new Uint8Array(1001))).rejects.toMatchObject({ code: 'content.too_large' })
})

test('content that nobody put is missing, which may change', async () => {
  await expect(store.get(cid)).rejects.toMatchObject({ code: 'content.missing', retryable: true })
  expect(await store.has(cid)).toBe(false)
})

test('damaged content is never given out, and putting it again mends it', async () => {
  await store.put(text)
  await writeFile(join(directory, cid.slice(-3, -1), cid), 'a recorD')
  await expect(store.get(cid)).rejects.toMatchObject({ code: 'content.corrupt' })
  await store.put(text)
  expect(new Uint8Array(await store.get(cid))).toEqual(text)
})

test.each([
  '',
  '../../etc/passwd',
  '..',
  'QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPBdG',
  `${cid}/../x`,
  cid.toUpperCase(),
])('what is not a CID of ours is refused, not looked up: %j', async (name) => {
  await expect(store.get(name)).rejects.toMatchObject({ code: 'cid.malformed' })
  await expect(store.has(name)).rejects.toMatchObject({ code: 'cid.malformed' })
  await expect(store.put(text, name)).rejects.toMatchObject({ code: 'cid.malformed' })
})

test('a directory that cannot be written is said so', async () => {
  await writeFile(join(directory, 'file'), '')
  const inFile = new DiskContentStore(join(directory, 'file'))
  await expect(inFile.put(text)).rejects.toMatchObject({ code: 'content.write_failed' })
})

test('cleaning removes old unfinished files and leaves those that may be in use', async () => {
  const incoming = join(directory, '.incoming')
  await mkdir(incoming)
  await writeFile(join(incoming, 'old'), 'half')
  await writeFile(join(incoming, 'young'), 'half')
  const twoHoursAgo = new Date(Date.now() - 7_200_000)
  await utimes(join(incoming, 'old'), twoHoursAgo, twoHoursAgo)
  await store.clean()
  expect(await readdir(incoming)).toEqual(['young'])
})

test('a file is kept as the same bytes are, and one that is too large leaves nothing', async () => {
  const file = join(directory, 'upload')
  await writeFile(file, text)
  expect(await store.putFile(file)).toBe(cid)
  expect(new Uint8Array(await store.get(cid))).toEqual(text)
  await writeFile(file, new Uint8Array(1001))
  await expect(store.putFile(file)).rejects.toMatchObject({ code: 'content.too_large' })
  expect(await readdir(join(directory, '.incoming'))).toEqual([])
})
