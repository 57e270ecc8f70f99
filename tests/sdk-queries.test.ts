import { buildSchema, parse, validate } from 'graphql'
import { expect, test } from 'vitest'
import { typeDefs } from '../api/src/schema/index.ts'
import { ALL_QUERIES } from '../packages/sdk/src/queries.ts'
import { TRAINING_QUERIES } from '../packages/sdk/src/training-runs.ts'

const schema = buildSchema(typeDefs.join('\n'))

test.each([...ALL_QUERIES, ...TRAINING_QUERIES].map(({ text }) => [/(?:query|mutation) (\w+)/.exec(text)![1], text]))(
  'the SDK’s query %s is one of the api’s schema',
  (_, text) => {
    expect(validate(schema, parse(text!)).map(({ message }) => message)).toEqual([])
  },
)
