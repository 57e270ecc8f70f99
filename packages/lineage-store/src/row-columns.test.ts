import { DuckDBInstance } from '@duckdb/node-api'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readEntitySchema } from './entity-schema.ts'
import { columnsOf, selectFromColumns } from './row-columns.ts'

const [entity] = readEntitySchema(`type Note @entity(immutable: true) {
  id: Bytes! text: String! words: [String!]! maybe: String amountWei: BigInt! sums: [BigInt!] isTrue: Boolean! count: Int!
}`).entities

const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('', '\\N', '=', '=00', ',', 'a,b', '\t', '\n', 'x\n', "'", '0x'),
)
const amount = fc.bigInt({ min: -(2n ** 255n), max: 2n ** 256n - 1n })
const note = fc.record({
  id: fc.uint8Array({ maxLength: 40 }).map((bytes) => `0x${Buffer.from(bytes).toString('hex')}`),
  // A lone surrogate is no text: UTF-8 cannot hold it.
  text: text.map((given) => given.toWellFormed()),
  words: fc.array(text.map((given) => given.toWellFormed())),
  maybe: fc.option(text.map((given) => given.toWellFormed())),
  amountWei: amount,
  sums: fc.option(fc.array(amount)),
  isTrue: fc.boolean(),
  count: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
})

test('whatever a row holds, DuckDB reads it from its columns as it was', async () => {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  await fc.assert(
    fc.asyncProperty(fc.array(note, { minLength: 1, maxLength: 5 }), async (notes) => {
      const reader = await connection.runAndReadAll(selectFromColumns(entity!), [...columnsOf(entity!, notes, 7)])
      const rows = reader.getRowsJson() as unknown[][]
      const spelled = notes.map((given) => [
        '7',
        ...Object.values(given).map((value) =>
          Array.isArray(value) ? value.map(String) : typeof value === 'bigint' ? String(value) : value,
        ),
      ])
      expect(rows).toEqual(spelled)
    }),
  )
  connection.closeSync()
  instance.closeSync()
})
