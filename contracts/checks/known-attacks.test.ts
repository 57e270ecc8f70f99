import { readdirSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '../..')
const tests = resolve(root, 'contracts/test')

test('every test that SECURITY.md names is there', () => {
  const named = [...readFileSync(resolve(root, 'SECURITY.md'), 'utf8').matchAll(/`(test(?:Fuzz)?_\w+)`/g)].map(
    ([, name]) => name,
  )
  const sources = readdirSync(tests).filter((file) => file.endsWith('.t.sol'))
  const all = sources.map((file) => readFileSync(resolve(tests, file), 'utf8')).join('\n')
  expect(named.length).toBeGreaterThan(20)
  expect(named.filter((name) => !all.includes(`function ${name}(`))).toEqual([])
})
