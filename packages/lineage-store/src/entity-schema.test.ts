import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { readEntitySchema } from './entity-schema.ts'

const source = readFileSync(new URL('./testdata/schema.graphql', import.meta.url), 'utf8')

test('entities become tables; joins, points and what is summed from them do not', () => {
  const { entities } = readEntitySchema(source)
  expect(entities.map(({ name, immutable }) => ({ name, immutable }))).toEqual([
    { name: 'Account', immutable: false },
    { name: 'Payment', immutable: true },
  ])
  expect(entities[0]!.fields.map(({ name }) => name)).toEqual([
    'id',
    'totalWei',
    'frozen',
    'lastPaidAt',
    'rate',
    'friends',
  ])
})

test('fields have the column of their type', () => {
  const payment = readEntitySchema(source).entities[1]!
  expect(Object.fromEntries(payment.fields.map(({ name, type }) => [name, type]))).toEqual({
    id: 'VARCHAR',
    account: 'VARCHAR',
    amountWei: 'BIGNUM',
    from: 'VARCHAR',
    tags: 'VARCHAR',
    kind: 'VARCHAR',
    note: 'VARCHAR',
    blockNumber: 'INTEGER',
  })
  const field = (name: string) => payment.fields.find((candidate) => candidate.name === name)
  expect(field('account')).toMatchObject({ reference: true, list: false, nullable: false })
  expect(field('tags')).toMatchObject({ reference: false, list: true, nullable: false })
  expect(field('note')).toMatchObject({ nullable: true })
})

test('the hash follows the shape and not the words', () => {
  const hash = readEntitySchema(source).hash
  expect(readEntitySchema(source.replace('A running total.', 'Another sentence.')).hash).toBe(hash)
  expect(readEntitySchema(source.replace('note: String', 'note: String!')).hash).not.toBe(hash)
})

test.each([
  ['no entity', 'type Query { a: Int }'],
  ['an entity without id', 'type A @entity { name: String! }'],
  ['a field of an unknown type', 'type A @entity { id: Bytes! where: Point }'],
  ['a field of an interface', 'interface I { id: Bytes! } type A @entity { id: Bytes! who: I! }'],
])('a schema with %s is refused', (_, text) => {
  expect(() => readEntitySchema(text)).toThrow(expect.objectContaining({ code: 'lineage.schema_unsupported' }))
})
