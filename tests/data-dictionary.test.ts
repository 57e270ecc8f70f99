import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { readSchema, renderDictionary } from '../scripts/data-dictionary.ts'

const file = join(resolve(import.meta.dirname, '..'), 'docs', 'data-dictionary.md')

test('docs/data-dictionary.md says what schema.graphql says (else: npm run docs)', () => {
  const schema = readSchema()
  expect(schema.types.length).toBeGreaterThan(100)
  expect(readFileSync(file, 'utf8')).toBe(renderDictionary(schema))
})
