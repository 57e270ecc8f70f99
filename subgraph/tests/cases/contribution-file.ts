import { cidOf, digestOfCid } from '@openledger/protocol'
import { address, event, file, int, type TestCase, word } from '../test-case.ts'

const [datanet, owner, contributor] = [word('datanet'), address(0xa), address(0xc)]
const cid = (name: string) => cidOf(new TextEncoder().encode(name))
const record = (name: string) => ({
  cid: cid(name),
  sizeBytes: name.length,
  mediaType: 'text/plain',
  title: `${name}.txt`,
})
const good = {
  kind: 'openledger/contribution@1',
  datanetId: datanet,
  contributor,
  licence: 'MIT',
  attribution: { name: 'Carol', url: 'https://carol.example' },
  records: [record('one'), record('two')],
}
const [first, second] = good.records as [(typeof good.records)[0], (typeof good.records)[0]]
const withFirst = (differences: Record<string, unknown>) => ({
  ...good,
  records: [{ ...first, ...differences }, second],
})
const without = <T extends object>(value: T, name: keyof T) =>
  Object.fromEntries(Object.entries(value).filter(([key]) => key !== name))

/** What strangers may write, and the fault that the index shows for it; null where the manifest is good. */
const MANIFESTS: readonly (readonly [content: unknown, fault: string | null])[] = [
  [good, null],
  // The same manifest again is another contribution; the same record twice is two records.
  [good, null],
  [{ ...good, records: [first, first] }, null],
  [{ ...good, attribution: { name: 'Carol' }, later: [{ unknown: { member: 1 } }] }, null],
  ['', 'not JSON in UTF-8'],
  ['\u0000', 'not JSON in UTF-8'],
  ['not JSON', 'not JSON in UTF-8'],
  [`${JSON.stringify(good)} and more`, 'not JSON in UTF-8'],
  ['{"kind":"\\ud800"}', 'not JSON in UTF-8'],
  [`${'['.repeat(10_000)}${']'.repeat(10_000)}`, 'not JSON in UTF-8'],
  ['null', 'not a JSON object'],
  ['[]', 'not a JSON object'],
  ['1e999', 'not a JSON object'],
  ['"text"', 'not a JSON object'],
  [{}, 'kind must be a string'],
  [{ ...good, kind: 7 }, 'kind must be a string'],
  [{ ...good, kind: 'openledger/contribution@2' }, 'kind must be openledger/contribution@1'],
  [without(good, 'datanetId'), 'datanetId must be 0x and 64 lower-case hex digits'],
  [{ ...good, datanetId: word('another') }, 'datanetId is not the contribution’s'],
  [{ ...good, datanetId: datanet.toUpperCase() }, 'datanetId must be 0x and 64 lower-case hex digits'],
  [{ ...good, datanetId: `${datanet}00` }, 'datanetId must be 0x and 64 lower-case hex digits'],
  [{ ...good, datanetId: { length: 66 } }, 'datanetId must be 0x and 64 lower-case hex digits'],
  [{ ...good, contributor: owner }, 'contributor is not who contributed'],
  [{ ...good, contributor: '0xabc' }, 'contributor must be 0x and 40 lower-case hex digits'],
  [{ ...good, licence: 'GPL-3.0' }, 'licence is not the contribution’s'],
  [{ ...good, licence: '' }, 'licence must have 1 to 128 characters'],
  [{ ...good, licence: 'x'.repeat(129) }, 'licence must have 1 to 128 characters'],
  [without(good, 'records'), 'records must be a list'],
  [{ ...good, records: { 0: first } }, 'records must be a list'],
  [{ ...good, records: [] }, 'records must not be empty'],
  [{ ...good, records: [first] }, 'records are not as many as contributed'],
  [{ ...good, records: [first, 'two'] }, 'records.1 must be an object'],
  [{ ...good, records: [first, null] }, 'records.1 must be an object'],
  [{ ...good, records: [first, [second]] }, 'records.1 must be an object'],
  [without(good, 'attribution'), 'attribution is missing'],
  [{ ...good, attribution: 'Carol' }, 'attribution must be an object'],
  [{ ...good, attribution: { name: '' } }, 'attribution.name must have 1 to 256 characters'],
  [{ ...good, attribution: { name: 'Carol', url: null } }, 'attribution.url must be a string'],
  [withFirst({ cid: undefined }), 'records.0.cid must be a CIDv1 (raw, sha2-256, base32)'],
  [
    withFirst({ cid: 'QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPBdG' }),
    'records.0.cid must be a CIDv1 (raw, sha2-256, base32)',
  ],
  [withFirst({ cid: first.cid.toUpperCase() }), 'records.0.cid must be a CIDv1 (raw, sha2-256, base32)'],
  [withFirst({ cid: `${first.cid.slice(0, -1)}b` }), 'records.0.cid must be a CIDv1 (raw, sha2-256, base32)'],
  [
    withFirst({ cid: first.cid.replace('bafkrei', 'bafybei') }),
    'records.0.cid must be a CIDv1 (raw, sha2-256, base32)',
  ],
  [withFirst({ sizeBytes: 0 }), 'records.0.sizeBytes must be an integer from 1 to 2^53 - 1'],
  [withFirst({ sizeBytes: -5 }), 'records.0.sizeBytes must be an integer from 1 to 2^53 - 1'],
  [withFirst({ sizeBytes: 1.5 }), 'records.0.sizeBytes must be an integer from 1 to 2^53 - 1'],
  [withFirst({ sizeBytes: '5' }), 'records.0.sizeBytes must be an integer from 1 to 2^53 - 1'],
  [withFirst({ sizeBytes: 9_007_199_254_740_992 }), 'records.0.sizeBytes must be an integer from 1 to 2^53 - 1'],
  [
    JSON.stringify(good).replace('"sizeBytes":3', `"sizeBytes":${'9'.repeat(300)}`),
    'records.0.sizeBytes must be an integer from 1 to 2^53 - 1',
  ],
  [
    JSON.stringify(good).replace('"sizeBytes":3', '"sizeBytes":1e15'),
    'records.0.sizeBytes must be an integer from 1 to 2^53 - 1',
  ],
  [withFirst({ mediaType: ['text/plain'] }), 'records.0.mediaType must be a string'],
  [withFirst({ mediaType: 'x'.repeat(128) }), 'records.0.mediaType must have 0 to 127 characters'],
  [withFirst({ title: undefined }), 'records.0.title must be a string'],
  [withFirst({ title: 'x'.repeat(513) }), 'records.0.title must have 0 to 512 characters'],
  // Hostile, but a title all the same. Postgres holds no zero characters: graph-node drops them.
  [withFirst({ title: '\u202e"; DROP TABLE records; --\u0000<script>' }), null],
]
const files = MANIFESTS.map(([content]) => file(typeof content === 'string' ? content : JSON.stringify(content)))

export const contributionFile: TestCase = {
  name: 'manifests of strangers become records or a stated fault, and never halt the subgraph',
  files: files.filter(({ cid }, i) => files.findIndex((other) => other.cid === cid) === i),
  blocks: [
    {
      events: [
        event('LineageRegistry', 'DatanetCreated', {
          datanetId: datanet,
          owner,
          modality: 0,
          licenceFlags: 3,
          royaltyPpm: 0,
          metadataDigest: word('description'),
          name: 'texts',
          licence: 'MIT',
          curated: false,
        }),
      ],
    },
    {
      events: files.map(({ cid }) =>
        event('LineageRegistry', 'Contributed', {
          datanetId: datanet,
          contributor,
          manifestDigest: digestOfCid(cid),
          recordRoot: word('root'),
          recordCount: 2,
          sizeBytes: 6,
          licence: 'MIT',
        }),
      ),
    },
    {},
    {},
    {},
  ],
  assertions: [
    {
      query: '{ contributionManifests(first: 1000) { id fault recordCount } }',
      expected: {
        contributionManifests: MANIFESTS.map(([, fault], i) => ({
          id: idOf(i),
          fault,
          recordCount: fault === null ? 2 : 0,
        })),
      },
    },
    {
      query: `{ contribution(id: "${idOf(0)}") { manifest { cid attributionName attributionUrl } records(orderBy: index) { id digest cid index sizeBytes mediaType title datanet { id } contributor { id } } } }`,
      expected: {
        contribution: {
          manifest: { cid: files[0]!.cid, attributionName: 'Carol', attributionUrl: 'https://carol.example' },
          records: good.records.map((about, index) => ({
            id: `${idOf(0)}${int(index)}`,
            digest: digestOfCid(about.cid),
            ...about,
            index,
            sizeBytes: '3',
            datanet: { id: datanet },
            contributor: { id: contributor },
          })),
        },
      },
    },
    {
      query: `{ records(where: { digest: "${digestOfCid(first.cid)}" }) { contribution { version } index } }`,
      expected: {
        records: [
          { contribution: { version: 1 }, index: 0 },
          { contribution: { version: 2 }, index: 0 },
          { contribution: { version: 3 }, index: 0 },
          { contribution: { version: 3 }, index: 1 },
          { contribution: { version: 4 }, index: 0 },
          { contribution: { version: MANIFESTS.length }, index: 0 },
        ],
      },
    },
    {
      query: `{ records(where: { contribution: "${idOf(MANIFESTS.length - 1)}", index: 0 }) { title } }`,
      expected: { records: [{ title: '\u202e"; DROP TABLE records; --<script>' }] },
    },
  ],
}

function idOf(index: number): string {
  return `${datanet}${int(index + 1)}`
}
