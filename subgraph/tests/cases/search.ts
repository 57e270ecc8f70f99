import { cidOf, digestOfCid } from '@openledger/protocol'
import { address, event, file, type TestCase, word } from '../test-case.ts'

const owner = address(0xa)
const NAMES = ['Library READMEs', 'Ärzte & Straße', '«Война» и мир', 'Llama-3.2_notes/v1', '日本語 テキスト']
const datanet = word(NAMES[0]!)
const TITLES = ['zod/packages/docs/README.md#1', 'ÉTUDE in the key of C', '“Ночь”, улица, фонарь…', 'plain words']
const manifest = file(
  JSON.stringify({
    ...{ kind: 'openledger/contribution@1', datanetId: datanet, contributor: owner, licence: 'MIT' },
    attribution: { name: 'Carol' },
    records: TITLES.map((title) => ({
      ...{ cid: cidOf(new TextEncoder().encode(title)), sizeBytes: 1, mediaType: 'text/plain', title },
    })),
  }),
)
const found = (titles: string[]) => ({ recordSearch: titles.map((title) => ({ title })) })
const records = (text: string) => `{ recordSearch(text: ${JSON.stringify(text)}) { title } }`
const datanets = (text: string) => `{ datanetSearch(text: ${JSON.stringify(text)}) { name } }`
const called = (names: string[]) => ({ datanetSearch: names.map((name) => ({ name })) })

export const search: TestCase = {
  name: 'Datanets and records are found by words, parts of paths, prefixes and licence, in any script and case',
  files: [manifest],
  blocks: [
    {
      events: NAMES.map((name, i) =>
        event('LineageRegistry', 'DatanetCreated', {
          ...{ datanetId: word(name), owner, modality: 0, licenceFlags: 3, royaltyPpm: 0, curated: false },
          ...{ metadataDigest: word('description'), name, licence: i === 0 ? 'CC-BY-4.0' : 'MIT' },
        }),
      ),
    },
    {
      events: [
        event('LineageRegistry', 'Contributed', {
          ...{ datanetId: datanet, contributor: owner, manifestDigest: digestOfCid(manifest.cid) },
          ...{ recordRoot: word('root'), recordCount: TITLES.length, sizeBytes: TITLES.length, licence: 'MIT' },
        }),
      ],
    },
    {},
    {},
    {},
  ],
  assertions: [
    { query: datanets('readmes'), expected: called([NAMES[0]!]) },
    { query: datanets('ärzte & STRASSE | straße'), expected: called([NAMES[1]!]) },
    { query: datanets('ВОЙНА & мир'), expected: called([NAMES[2]!]) },
    { query: datanets('notes & v1'), expected: called([NAMES[3]!]) },
    { query: datanets('日本語'), expected: called([NAMES[4]!]) },
    { query: datanets('cc & by'), expected: called([NAMES[0]!]) },
    { query: datanets('librar'), expected: called([]) },
    { query: datanets('librar:*'), expected: called([NAMES[0]!]) },
    { query: records('zod & readme'), expected: found([TITLES[0]!]) },
    { query: records('zod/packages/docs/README.md'), expected: found([TITLES[0]!]) },
    { query: records('étude <-> in'), expected: found([TITLES[1]!]) },
    { query: records('ночь & фонарь'), expected: found([TITLES[2]!]) },
    { query: records('words & !ночь'), expected: found([TITLES[3]!]) },
    {
      query: '{ records(orderBy: index) { words } }',
      expected: {
        records: [
          { words: 'zod packages docs README md 1' },
          { words: null },
          { words: 'Ночь улица фонарь ' },
          { words: null },
        ],
      },
    },
  ],
}
