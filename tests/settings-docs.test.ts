import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { renderSettings, settingsIn } from '../scripts/settings-docs.ts'

const root = resolve(import.meta.dirname, '..')

test('docs/settings.md lists every setting as the sources have it (else: npm run docs)', async () => {
  expect(readFileSync(join(root, 'docs/settings.md'), 'utf8')).toBe(await renderSettings())
})

test.each(['inference-node', 'attribution-engine', 'api'])('every setting of %s has its sentence', (program) => {
  const source = readFileSync(join(root, program, 'src/settings.ts'), 'utf8')
  const declared = [...source.matchAll(/^ {2}(OPENLEDGER_[A-Z_]+):/gm)].map(([, name]) => name)
  expect(declared.length).toBeGreaterThan(5)
  expect(settingsIn(source).map(({ name }) => name)).toEqual(declared)
})
