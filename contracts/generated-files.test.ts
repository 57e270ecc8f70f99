import { CONTRACT_NAMES } from '@openledger/protocol'
import { beforeAll, expect, test } from 'vitest'
import { committedFile, generatedFiles } from './generated-files.ts'

let files: Map<string, string>
beforeAll(async () => {
  files = await generatedFiles()
}, 600_000)

test('every called contract has an ABI and an artefact', () => {
  const expected = CONTRACT_NAMES.flatMap((name) => [
    `packages/protocol/src/abi/${name}.ts`,
    `contracts/compiled/${name}.json`,
  ])
  expect([...files.keys()]).toEqual(expect.arrayContaining(expected))
})

test('the committed ABIs and artefacts are what the sources compile to; else run `npm run generate`', async () => {
  const stale: string[] = []
  for (const [path, content] of files) if ((await committedFile(path)) !== content) stale.push(path)
  expect(stale).toEqual([])
})
