import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { collectErrors, renderErrors } from '../scripts/error-docs.ts'

const file = join(resolve(import.meta.dirname, '..'), 'docs', 'errors.md')

test('docs/errors.md lists every error code as the sources have it (else: npm run docs)', () => {
  const errors = collectErrors()
  expect(errors.length).toBeGreaterThan(50)
  expect(readFileSync(file, 'utf8')).toBe(renderErrors(errors))
})
