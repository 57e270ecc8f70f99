import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { buildSchema, parse } from 'graphql'
import { expect, test } from 'vitest'
import { generateOperations } from './generate-operations.ts'
import { typesOfOperation } from './operation-types.ts'

const generated = resolve(import.meta.dirname, '..', 'src', 'generated')

test('the types of the operations are those that their texts and the schema give: npm run generate -w @openledger/dashboard', () => {
  const onDisk = new Map(
    readdirSync(generated)
      .sort()
      .map((name) => [name, readFileSync(join(generated, name), 'utf8')]),
  )
  expect(onDisk).toEqual(generateOperations())
})

const SCHEMA = buildSchema(`
  scalar BigInt
  enum Order { asc desc }
  input Where { name: String, size_gt: BigInt! }
  interface Named { name: String! }
  type A implements Named { name: String!, size: BigInt! }
  type B implements Named { name: String!, tags: [String!]! }
  union Found = A | B
  type Query { found(where: Where, order: Order! = asc): [Found!]!, one: Named }
`)

test('a union becomes one type for each of its members, told apart by __typename', () => {
  const { data } = typesOfOperation(
    SCHEMA,
    parse('{ found { __typename ... on Named { name } ... on A { size } ... on B { tags } } }'),
  )
  expect(data.replace(/\s+/g, ' ')).toBe(
    "{ found: Array<{ __typename: 'A' name: string size: string } | { __typename: 'B' name: string tags: string[] }> }",
  )
})

test('what may be null says so, and variables with a default may be left out', () => {
  const { variables, data } = typesOfOperation(
    SCHEMA,
    parse(
      'query($where: Where, $order: Order! = desc) { found(where: $where, order: $order) { __typename } one { name } }',
    ),
  )
  expect(data).toContain('} | null')
  expect(variables.replace(/\s+/g, ' ')).toBe(
    "{ where?: { name?: string | null size_gt: string } | null order?: 'asc' | 'desc' }",
  )
})
