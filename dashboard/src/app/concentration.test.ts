import { expect, test } from 'vitest'
import { giniPpm } from './concentration.ts'

test('equal amounts have a Gini of 0, one who has all among n has (n - 1)/n', () => {
  expect(giniPpm([5n, 5n, 5n])).toBe(0)
  expect(giniPpm([0n, 0n, 0n, 7n])).toBe(750_000)
})

test('order does not matter, and where nothing was earned there is none', () => {
  expect(giniPpm([3n, 1n, 2n])).toBe(giniPpm([1n, 2n, 3n]))
  expect(giniPpm([0n, 0n])).toBe(null)
})
