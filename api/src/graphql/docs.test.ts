import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse, validate } from 'graphql'
import { expect, test } from 'vitest'
import { checkStructure } from '../limits/structure.ts'
import { createSchema } from './schema.ts'

const text = readFileSync(join(import.meta.dirname, '..', '..', '..', 'docs', 'graphql.md'), 'utf8')
const queries = [...text.matchAll(/## \d+\. (.*)\n[\s\S]*?```graphql\n([\s\S]*?)```/g)].map(
  ([, title, query]) => [title!, query!] as const,
)

test('docs/graphql.md has twelve queries', () => {
  expect(queries).toHaveLength(12)
})

test.each(queries)('the documented query “%s” is one that the api takes', (_, query) => {
  checkStructure(query)
  expect(validate(createSchema(), parse(query))).toEqual([])
})
