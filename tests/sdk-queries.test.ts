import { buildSchema, parse, validate } from 'graphql'
import { expect, test } from 'vitest'
import { typeDefs } from '../api/src/schema/index.ts'
import { ALL_QUERIES } from '../packages/sdk/src/queries.ts'

const schema = buildSchema(typeDefs.join('\n'))

test.each(ALL_QUERIES.map(({ text }) => [/query (\w+)/.exec(text)![1], text]))(
  'the SDK’s query %s is one of the api’s schema',
  (_, text) => {
    expect(validate(schema, parse(text!)).map(({ message }) => message)).toEqual([])
  },
)
