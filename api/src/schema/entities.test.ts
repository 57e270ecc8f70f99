import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { buildASTSchema, type GraphQLInputObjectType, isEnumType, isInputObjectType, parse, validate } from 'graphql'
import { expect, test } from 'vitest'
import { createSchema } from '../graphql/schema.ts'
import type { Entity } from '../lists/entity.ts'
import * as entities from '../sources/entities.ts'
import { EPOCH } from '../sources/epochs.ts'
import { RECORD } from '../sources/records.ts'
import { readIndexSchema } from '../testing/index-schema.ts'
import { typeDefs } from './index.ts'

const index = readIndexSchema()
const indexSchema = buildASTSchema(parse(index.typeDefs))
const all: Record<string, Entity> = { ...entities, EPOCH, RECORD }

/** Types of the api that the subgraph knows by another name. */
const OTHER_NAMES: Record<string, string> = {
  Contributor: 'Account',
  InferenceNode: 'Account',
  Epoch: 'RewardRoot',
  TokenFlow: 'TokenTransfer',
}
const SUFFIXES = /_(not|in|gt|gte|lt|lte|contains_nocase)$/

test.each(Object.entries(all))('what is read of %s stands in the subgraph’s schema', (_, { listName, fields }) => {
  expect(validate(indexSchema, parse(`{ ${listName} { ${fields} } }`))).toEqual([])
})

const schema = createSchema()
const named = Object.values(schema.getTypeMap())

test.each(named.filter(({ name }) => name.endsWith('OrderBy')).map((type) => [type.name, type] as const))(
  '%s orders by fields of the entity',
  (name, type) => {
    const own = name.slice(0, -'OrderBy'.length)
    const entity = index.entities.get(OTHER_NAMES[own] ?? own)!
    const names = isEnumType(type) ? type.getValues().map((value) => value.name) : []
    expect(names.filter((field) => !entity.fields.has(field))).toEqual([])
  },
)

test.each(named.filter((type) => isInputObjectType(type)).filter(({ name }) => name.endsWith('Where')))(
  '$name filters in the subgraph’s words',
  (type) => {
    const own = type.name.slice(0, -'Where'.length)
    const entity = index.entities.get(OTHER_NAMES[own] ?? own)!
    const names = Object.keys((type as GraphQLInputObjectType).getFields())
    expect(names.filter((field) => !entity.fields.has(field.replace(SUFFIXES, '')))).toEqual([])
  },
)

test('each part of the schema is one file, and none is left out', () => {
  const files = readdirSync(join(import.meta.dirname)).filter((name) => !/test|index|scalars/.test(name))
  expect(typeDefs).toHaveLength(files.length)
})
