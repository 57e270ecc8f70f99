import { createHash } from 'node:crypto'
import { cidOf, digestOf } from '@openledger/protocol'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ApiUnderTest, account, startApiUnderTest, word } from '../testing/index.ts'

const DATANET = word(0xda)
const RECORDS = 250
const text = (n: number) => new TextEncoder().encode(`record ${n}`)
const manifest = new TextEncoder().encode('{"a":"manifest"}')
let api: ApiUnderTest

beforeAll(async () => {
  const standing = (n: number, withdrawnAt: string | null) => ({
    id: word(n),
    status: 'None',
    isDisputed: false,
    withdrawnAt,
  })
  const contribution = (n: number, cid: string) => ({
    ...{ id: word(0xc0 + n), datanet: DATANET, contributor: account(n), version: n, licence: 'MIT', recordCount: '1' },
    ...{ sizeBytes: '1', recordRoot: word(n), manifestCid: cid, manifestDigest: digestOf(manifest), logIndex: 0 },
    ...{ blockNumber: String(n), timestamp: '1790000000', transactionHash: word(n), standing: word(n) },
  })
  api = await startApiUnderTest({
    Datanet: [
      {
        ...{ id: DATANET, name: 'Texts', modality: 'Text', licence: 'MIT', licenceFlags: 3, royaltyPpm: 50_000 },
        ...{ owner: account(1), isCurated: false, isDisputed: false, version: 2, recordCount: String(RECORDS + 1) },
        ...{ contributorCount: 2, sizeBytes: '1', blockNumber: '1', timestamp: '1790000000' },
      },
    ],
    Account: [1, 2].map((n) => ({
      id: account(n),
      contributionCount: 1,
      recordCount: '1',
      claimedWei: '0',
      balanceWei: '0',
    })),
    ContributionStanding: [standing(1, null), standing(2, '1790000001')],
    ContributionManifest: [1, 2].map((n) => ({
      ...{ id: word(0xc0 + n), contribution: word(0xc0 + n), name: `name ${n}`, fault: null, recordCount: RECORDS },
    })),
    Contribution: [contribution(1, cidOf(manifest)), contribution(2, cidOf(text(9_999)))],
    Record: Array.from({ length: RECORDS + 1 }, (_, n) => ({
      ...{
        id: `${word(0xc0)}${n.toString(16).padStart(8, '0')}`,
        digest: digestOf(text(n)),
        cid: cidOf(text(n)),
        index: n,
      },
      // The last one's contributor has withdrawn consent.
      ...{ contribution: word(n < RECORDS ? 0xc1 : 0xc2), standing: word(n < RECORDS ? 1 : 2), datanet: DATANET },
      ...{ contributor: account(n < RECORDS ? 1 : 2), sizeBytes: '9', mediaType: 'text/plain', title: `title ${n}` },
    })),
  })
  await api.contentStore.put(manifest)
  for (let n = 0; n < RECORDS; n++) await api.contentStore.put(text(n))
})
afterAll(() => api.close())

const get = (path: string) => fetch(`${api.url}/exports/${path}`)

test('a Croissant names the records’ file by its hash, and the file at that address has it', async () => {
  const response = await get(`datanets/${DATANET}/croissant.json`)
  expect(response.headers.get('content-type')).toContain('http://mlcommons.org/croissant/1.1')
  const { distribution, usageInfo } = (await response.json()) as {
    distribution: { contentUrl: string; sha256: string; contentSize: string }[]
    usageInfo: { '@type': string[] }
  }
  const [file] = distribution
  expect(file!.contentUrl).toBe(`${api.url}/exports/datanets/${DATANET}/records.jsonl?block=7`)
  const bytes = new Uint8Array(await (await fetch(file!.contentUrl)).arrayBuffer())
  expect(createHash('sha256').update(bytes).digest('hex')).toBe(file!.sha256)
  expect(file!.contentSize).toBe(`${bytes.length} B`)
  expect(usageInfo['@type']).toContain('odrl:Offer')
})

test('records whose contributors withdrew consent are in no export', async () => {
  const lines = (await (await get(`datanets/${DATANET}/records.jsonl`)).text()).trim().split('\n')
  const cids = new Set(lines.map((line) => JSON.parse(line).cid))
  expect(cids.size).toBe(RECORDS)
  expect(cids.has(cidOf(text(RECORDS)))).toBe(false)
  expect(await (await get(`datanets/${DATANET}/README.md`)).text()).not.toContain(account(2))
})

test('a CAR holds the manifest and each content once', async () => {
  const bytes = new Uint8Array(await (await get(`datanets/${DATANET}/datanet.car`)).arrayBuffer())
  const all = Buffer.from(bytes).toString('latin1')
  expect(all).toContain('{"a":"manifest"}')
  for (const n of [0, 123, RECORDS - 1]) expect(all.split(`record ${n}`).length).toBeGreaterThan(1)
  expect(bytes.length).toBeGreaterThan(RECORDS * 40)
})

test.each([
  ['datanets/0x12/croissant.json', 400, 'export.malformed_id'],
  [`datanets/${word(0xdead)}/croissant.json`, 404, 'export.unknown'],
  [`datanets/${word(0xdead)}/records.jsonl`, 404, 'export.unknown'],
  [`datanets/${word(0xdead)}/datanet.car`, 404, 'export.unknown'],
  [`datanets/${word(0xdead)}/README.md`, 404, 'export.unknown'],
  [`models/${word(0xdead)}/README.md`, 404, 'export.unknown'],
  [`answers/${word(0xdead)}/prov.jsonld`, 404, 'export.unknown'],
  [`datanets/${DATANET}/croissant.json?block=x`, 400, 'export.malformed_block'],
  [`datanets/${DATANET}/croissant.json?block=1&block=2`, 400, 'export.malformed_block'],
  [`datanets/${DATANET}/croissant.json?block=999`, 503, 'block.not_indexed'],
  [`datanets/${DATANET}/../../../secret`, 404, 'http.no_such_path'],
])('%s is refused with %i %s', async (path, status, code) => {
  const response = await get(path)
  expect([response.status, ((await response.json()) as { error: { code: string } }).error.code]).toEqual([status, code])
})

test('a content that is missing ends a CAR before anybody takes it for whole', async () => {
  const other = await startApiUnderTest({ ...(await rowsWithoutContent()) })
  const response = await fetch(`${other.url}/exports/datanets/${DATANET}/datanet.car`)
  await expect(response.arrayBuffer()).rejects.toThrow()
  await other.close()
})

async function rowsWithoutContent() {
  return {
    Datanet: [
      {
        ...{ id: DATANET, name: 'Texts', modality: 'Text', licence: 'MIT', licenceFlags: 3, royaltyPpm: 0 },
        ...{ owner: account(1), isCurated: false, isDisputed: false, version: 1, recordCount: '1' },
        ...{ contributorCount: 1, sizeBytes: '1', blockNumber: '1', timestamp: '1790000000' },
      },
    ],
    Account: [{ id: account(1), contributionCount: 1, recordCount: '1', claimedWei: '0', balanceWei: '0' }],
    ContributionStanding: [{ id: word(1), status: 'None', isDisputed: false, withdrawnAt: null }],
    Contribution: [
      {
        ...{ id: word(0xc1), datanet: DATANET, contributor: account(1), version: 1, licence: 'MIT', recordCount: '1' },
        ...{ sizeBytes: '1', recordRoot: word(1), manifestCid: cidOf(manifest), manifestDigest: digestOf(manifest) },
        ...{ blockNumber: '1', timestamp: '1790000000', transactionHash: word(1), standing: word(1), logIndex: 0 },
      },
    ],
    Record: [
      {
        ...{ id: `${word(0xc0)}00000000`, digest: digestOf(text(1)), cid: cidOf(text(1)), index: 0, standing: word(1) },
        ...{
          contribution: word(0xc1),
          datanet: DATANET,
          contributor: account(1),
          sizeBytes: '9',
          mediaType: 'a/b',
          title: '',
        },
      },
    ],
  }
}
