import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { renderAnalytics } from '../scripts/analytics-docs.ts'

test('docs/analytics.md describes views and tables as the sources have them (else: npm run docs)', async () => {
  const file = join(resolve(import.meta.dirname, '..'), 'docs', 'analytics.md')
  expect(readFileSync(file, 'utf8')).toBe(await renderAnalytics())
})
