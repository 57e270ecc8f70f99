import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ALLOCATION } from '../dashboard/src/app/allocation.ts'

const SOURCE = readFileSync(join(import.meta.dirname, '../contracts/token/GenesisAllocation.sol'), 'utf8')
const number = (text: string) => Number(/^\d[\d_]*/.exec(text)?.[0].replaceAll('_', ''))

test('the page tells the allocation that the contract makes', () => {
  const named = [...SOURCE.matchAll(/part == Part\.(\w+)\) return Terms\(([^)]*)\)/g)].map(([, part, terms]) => ({
    part,
    terms,
  }))
  const [, last] = /^\s*return Terms\(([^)]*)\)/m.exec(SOURCE)!
  const rows = [...named, { part: 'Liquidity', terms: last }].map(({ part, terms }) => {
    const [share, atOnce, cliff, months] = terms!.split(',').map((term) => number(term.trim()))
    return { part, sharePpm: share, atOncePpm: atOnce, cliffMonths: cliff, months }
  })
  expect(rows).toEqual([...ALLOCATION])
  expect(ALLOCATION.reduce((sum, { sharePpm }) => sum + sharePpm, 0)).toBe(1_000_000)
})
