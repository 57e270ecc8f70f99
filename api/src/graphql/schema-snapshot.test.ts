import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  buildSchema,
  findBreakingChanges,
  type GraphQLSchema,
  isIntrospectionType,
  isScalarType,
  lexicographicSortSchema,
  printSchema,
} from 'graphql'
import { expect, test } from 'vitest'
import { createSchema } from './schema.ts'

const file = join(import.meta.dirname, '..', '..', 'schema.graphql')
const committed = readFileSync(file, 'utf8')
const schema = createSchema()

test('nothing that clients use has gone or changed', () => {
  expect(findBreakingChanges(buildSchema(committed), schema)).toEqual([])
})

test('api/schema.graphql is what the sources say (npm run schema -w @openledger/api)', () => {
  expect(inOneSpelling(buildSchema(committed))).toBe(inOneSpelling(schema))
})

/** The file is formatted as all files are; that changes nothing of what it says. */
function inOneSpelling(of: GraphQLSchema): string {
  return printSchema(lexicographicSortSchema(of))
}

/** What the same words mean everywhere. */
const OBVIOUS = new Set(['nodeId', 'node', 'nodes', 'edges', 'pageInfo', 'hasNextPage'])
/** Fields that are another type, which describes itself, or one of the addresses and hashes that its scalar describes. */
const isNumberOrText = (type: string) => /^(Int|BigInt|Float)!?$/.test(type)

test('every type is described, and every number with its unit', () => {
  const types = Object.values(schema.getTypeMap()).filter(
    (type) =>
      !isIntrospectionType(type) && !isScalarType(type) && !/(Where|OrderBy|Connection|Edge|Query)$/.test(type.name),
  )
  const bare = types.flatMap((type) => {
    const fields = 'getFields' in type ? Object.values(type.getFields()) : []
    const silent = fields.filter(
      (field) => isNumberOrText(String(field.type)) && !field.description && !OBVIOUS.has(field.name),
    )
    return silent.map((field) => `${type.name}.${field.name}`)
  })
  expect(bare).toEqual([])
})
