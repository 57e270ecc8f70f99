import { cidOf, digestOf } from '@openledger/protocol'
import { expect, test } from 'vitest'
import { recordsOf } from './files.ts'

test('a file is one record under the CID and digest that the platform gives it', async () => {
  const [record, ...others] = await recordsOf(new File(['# Title'], 'a.md'))
  const bytes = new TextEncoder().encode('# Title')
  expect(others).toEqual([])
  expect(record).toMatchObject({
    title: 'a.md',
    mediaType: 'text/markdown',
    cid: cidOf(bytes),
    digest: digestOf(bytes),
  })
})

test('a .jsonl file is one record a line, by its text where it has one', async () => {
  const records = await recordsOf(new File(['{"text":"one"}\n\nplain\n{"other":2}\n'], 'b.jsonl'))
  expect(records.map(({ title, bytes }) => [title, new TextDecoder().decode(bytes)])).toEqual([
    ['b.jsonl#1', 'one'],
    ['b.jsonl#3', 'plain'],
    ['b.jsonl#4', '{"other":2}'],
  ])
})

test('an empty file is no record', async () => expect(await recordsOf(new File([], 'c.txt'))).toEqual([]))
