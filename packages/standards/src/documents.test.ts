import { createHash } from 'node:crypto'
import { CarReader } from '@ipld/car'
import { digestOfCid } from '@openledger/protocol'
import jsonld from 'jsonld'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { carOf } from './car.ts'
import { datasetCard, modelCard } from './cards.ts'
import { croissantOf } from './croissant.ts'
import { licenceUrls } from './licence-urls.ts'
import { provenanceOf, recordUri } from './provenance.ts'
import { RECORD_COLUMNS, recordLine } from './record-lines.ts'
import { answer, bytesOf, datanet, HOSTILE, model, places, records } from './testing/world.ts'
import { usageOffer } from './usage-offer.ts'

const CR = 'http://mlcommons.org/croissant/'
const SC = 'https://schema.org/'
const PROV = 'http://www.w3.org/ns/prov#'
const ODRL = 'http://www.w3.org/ns/odrl/2/'

// biome-ignore lint/suspicious/noExplicitAny: expanded JSON-LD is what the test asserts.
type Expanded = any

/** Expanded without the network: a document that needs a context from elsewhere fails. */
async function expand(document: object): Promise<Expanded[]> {
  const documentLoader = (url: string): never => {
    throw new Error(`asks for ${url}`)
  }
  // Where the document is served: its own ids are relative to that.
  const options = { base: `${places.api}/exports/datanets/x/`, documentLoader, safe: true }
  const expanded: unknown = await jsonld.expand(document as jsonld.JsonLdDocument, options as never)
  return expanded as Expanded[]
}

const file = {
  sha256: createHash('sha256')
    .update(records.map((record) => recordLine(places, record)).join(''))
    .digest('hex'),
  sizeBytes: 1,
  contributors: records.slice(0, 2).map(({ contributor }) => contributor),
}

test('a Datanet’s Croissant has what version 1.1 requires, every term known to JSON-LD', async () => {
  const [dataset] = await expand(croissantOf(places, datanet, file))
  expect(dataset['@type']).toEqual([`${SC}Dataset`])
  for (const name of ['name', 'description', 'license', 'url', 'creator', 'datePublished', 'version', 'distribution'])
    expect(dataset[SC + name], name).toBeDefined()
  expect(dataset['http://purl.org/dc/terms/conformsTo'][0]['@value']).toBe('http://mlcommons.org/croissant/1.1')
  expect(dataset[`${SC}license`].map((at: Expanded) => at['@value'])).toEqual([
    'https://spdx.org/licenses/MIT.html',
    'https://spdx.org/licenses/Apache-2.0.html',
  ])
  const [fileObject] = dataset[`${SC}distribution`]
  expect(fileObject['@type']).toEqual([`${CR}FileObject`])
  expect(fileObject[`${SC}sha256`][0]['@value']).toBe(file.sha256)
})

test('each record of a Croissant is attributed to its contributor, and each field stands in each line', async () => {
  const [dataset] = await expand(croissantOf(places, datanet, file))
  const [set] = dataset[`${CR}recordSet`]
  const fields: Expanded[] = set[`${CR}field`]
  const paths = fields.map((each) => each[`${CR}source`][0][`${CR}extract`][0][`${CR}column`][0]['@value'])
  expect(paths.sort()).toEqual(Object.keys(RECORD_COLUMNS).sort())
  for (const record of records) {
    const line = JSON.parse(recordLine(places, record))
    expect(Object.keys(line).sort()).toEqual(paths)
    expect(line.contributor).toBe(`did:pkh:eip155:31337:${record.contributor.account}`)
  }
  const key = fields.find((each) => each['@id'] === set[`${CR}key`][0]['@id'])
  const [attribution] = key[`${CR}annotation`]
  expect(attribution[`${CR}equivalentProperty`][0]['@value']).toBe('prov:wasAttributedTo')
  expect(dataset[`${PROV}wasAttributedTo`].map((agent: Expanded) => agent['@id'])).toEqual(
    file.contributors.map(({ account }) => `did:pkh:eip155:31337:${account}`),
  )
})

test('a line of a record is one line, whatever its title', () => {
  const line = recordLine(places, records[0]!)
  expect(line.split('\n')).toEqual([expect.any(String), ''])
  expect(JSON.parse(line).title).toBe(HOSTILE)
})

test.each([0, 1, 2, 3, 4, 5, 6, 7])(
  'an offer says of flags %i what they allow, and never both ways',
  async (licenceFlags) => {
    const offer = usageOffer('urn:x', { ...datanet, licenceFlags })
    const [expanded] = await expand({ '@context': croissantOf(places, datanet, file)['@context'], ...offer })
    const actions = (kind: string): string[] =>
      (expanded[`${ODRL}${kind}`] ?? []).map((rule: Expanded) => rule[`${ODRL}action`][0]['@id'])
    const trade = 'http://creativecommons.org/ns#CommercialUse'
    expect(actions('permission').includes(`${ODRL}derive`)).toBe((licenceFlags & 1) !== 0)
    expect(actions('prohibition').includes(`${ODRL}derive`)).toBe((licenceFlags & 1) === 0)
    expect(actions('permission').includes(trade)).toBe((licenceFlags & 2) !== 0)
    expect(actions('prohibition').includes(trade)).toBe((licenceFlags & 2) === 0)
    const alike = JSON.stringify(expanded).includes('http://creativecommons.org/ns#ShareAlike')
    expect(alike).toBe((licenceFlags & 5) === 5)
  },
)

test('a royalty is asked for in percent, with every digit', () => {
  const text = JSON.stringify(usageOffer('urn:x', { ...datanet, royaltyPpm: 12_345 }))
  expect(text).toContain('"@value":"1.2345"')
  expect(JSON.stringify(usageOffer('urn:x', { ...datanet, royaltyPpm: 0 }))).not.toContain('compensate')
})

test('an answer’s provenance keeps influence, quotation and retrieval apart, and credits every record', async () => {
  const nodes = await expand(provenanceOf(places, answer))
  const byId = new Map(nodes.map((node) => [node['@id'], node]))
  const told = byId.get(`${places.api}/answers/${answer.receiptHash}`)
  const entities = (property: string): string[] =>
    told[PROV + property].map((each: Expanded) => each[`${PROV}entity`][0]['@id'])
  expect(entities('qualifiedDerivation')).toEqual([0, 1].map((n) => recordUri(records[n]!.digest)))
  expect(entities('qualifiedQuotation')).toEqual([recordUri(records[1]!.digest)])
  const serving = byId.get(told[`${PROV}wasGeneratedBy`][0]['@id'])
  expect(serving[`${PROV}used`].map((each: Expanded) => each['@id'])).toContain(recordUri(records[2]!.digest))
  for (const record of records) {
    const node = byId.get(recordUri(record.digest))
    const agent = node[`${PROV}wasAttributedTo`][0]['@id']
    expect(byId.get(agent)['@type']).toEqual([`${PROV}Agent`])
  }
  const shares = told[`${PROV}qualifiedDerivation`].map(
    (each: Expanded) => each['urn:openledger:terms:sharePpm'][0]['@value'],
  )
  expect(shares.reduce((sum: number, share: number) => sum + share, 0)).toBe(1_000_000)
})

test('an answer of which nothing is known but its receipt has a provenance too', async () => {
  const nodes = await expand(provenanceOf(places, { ...answer, payer: null, model: null, epoch: null, evidence: null }))
  expect(nodes).toHaveLength(3)
})

test('a record’s URI is its sha2-256 as RFC 6920 writes it', () => {
  const hello = createHash('sha256').update('Hello World!').digest('hex')
  expect(recordUri(`0x${hello}`)).toBe('ni:///sha-256;f4OxZX_x_FO5LcGBSKHWXfwtSx-j1ncoSt3SABJtkGk')
})

test('cards have heads that the hub can filter by, and words in which strangers’ names are plain text', () => {
  const people = [{ account: '0x01', name: HOSTILE, records: 2 }]
  for (const text of [datasetCard(places, datanet, 1_500, people), modelCard(places, { ...model, name: HOSTILE })]) {
    const [, head, body] = text.split(/^---$/m)
    expect(parse(head!)).toMatchObject({ tags: expect.arrayContaining(['openledger']) })
    expect(body).not.toMatch(/<img|\]\(javascript|^# <|\n# </)
    expect(body!.split('\n').filter((line) => line.startsWith('# '))).toHaveLength(1)
  }
  const [, head] = datasetCard(places, datanet, 1_500, people).split(/^---$/m)
  expect(parse(head!)).toMatchObject({
    license: 'other',
    license_name: 'MIT OR Apache-2.0',
    pretty_name: HOSTILE,
    size_categories: ['1K<n<10K'],
  })
  expect(modelCard(places, model)).toContain('| loss | -0.000012 |')
})

test.each([
  [0, 'n<1K'],
  [999, 'n<1K'],
  [1_000, '1K<n<10K'],
  [99_999, '10K<n<100K'],
  [100_000, '100K<n<1M'],
])('%i records are of the size %s', (count, category) => {
  expect(datasetCard(places, datanet, count, [])).toContain(category)
})

test('a licence that is no SPDX expression names no address', () => {
  expect(licenceUrls('do what you like <script>')).toEqual([])
  expect(licenceUrls('(MIT AND GPL-2.0-only WITH Classpath-exception-2.0)')).toEqual([
    'https://spdx.org/licenses/MIT.html',
    'https://spdx.org/licenses/GPL-2.0-only.html',
  ])
})

test('a CAR gives back every block by its hash, in order', async () => {
  async function* blocks() {
    for (const [n, { cid }] of records.entries()) yield { cid, bytes: bytesOf(n) }
  }
  const reader = await CarReader.fromIterable(carOf([records[2]!.cid], blocks()))
  expect((await reader.getRoots()).map(String)).toEqual([records[2]!.cid])
  const found: string[] = []
  for await (const { cid, bytes } of reader.blocks()) {
    expect(`0x${createHash('sha256').update(bytes).digest('hex')}`).toBe(digestOfCid(String(cid)))
    found.push(String(cid))
  }
  expect(found).toEqual(records.map(({ cid }) => cid))
})

test('a CAR whose content is missing ends with that failure', async () => {
  async function* blocks() {
    yield { cid: records[0]!.cid, bytes: bytesOf(0) }
    throw new Error('content.missing')
  }
  const reading = async () => {
    for await (const _ of carOf([records[0]!.cid], blocks()));
  }
  await expect(reading()).rejects.toThrow('content.missing')
})
