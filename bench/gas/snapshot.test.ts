import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { Figure } from '../figure.ts'
import { scenarios } from './bench.ts'
import { complaints, readSnapshot, renderTable, TABLE_FILE } from './snapshot.ts'

const figure = (name: string, ours: number): Figure => ({
  bench: 'gas',
  name,
  ours,
  peer: null,
  ratio: null,
  unit: 'gas',
  n: 1,
})

test('docs/gas.md is what the snapshot says; else run `npm run gas`', async () => {
  expect(readFileSync(TABLE_FILE, 'utf8')).toBe(renderTable(readSnapshot(), await scenarios()))
})

test('every figure that the issue names has its bar', async () => {
  const bars = Object.fromEntries((await scenarios()).map(({ name, bar }) => [name, bar]))
  expect(bars).toMatchObject({
    'claim.first': 95_500,
    'claim.later': 61_000,
    'subtree64.later': 17_000,
    'credit.id': 3_600,
    'voucher.batch64': 22_000,
    'contribution.batch': 35_000,
    'register.parent1': 65_000,
  })
})

test('a figure at its bar and as before is no complaint', () => {
  expect(complaints([figure('a', 5)], { a: 5 }, [{ name: 'a', bar: 5 }])).toEqual([])
})

test('a figure that moved, one above its bar, a new one and a lost one are complaints', () => {
  const list = [{ name: 'a', bar: 5 }, { name: 'b' }, { name: 'c' }]
  expect(complaints([figure('a', 6), figure('b', 1), figure('c', 1)], { a: 6, b: 2, d: 1 }, list)).toEqual([
    'a is 6, above its bar of 5',
    'b is 1, the snapshot says 2',
    'c is 1, and not in the snapshot',
    'd is in the snapshot, and was not measured',
  ])
})
