import fc from 'fast-check'
import { expect, test } from 'vitest'
import { largestRemainder } from './largest-remainder.ts'

const RUNS = { numRuns: 2_000 }
const MAX_WEI = 2n ** 96n
const MAX_WEIGHT = 2n ** 256n

const parts = fc.uniqueArray(
  fc.record({ key: fc.string({ minLength: 1, maxLength: 8 }), weight: fc.bigInt({ min: 0n, max: MAX_WEIGHT }) }),
  { selector: ({ key }) => key, minLength: 1, maxLength: 40 },
)
const total = fc.bigInt({ min: 0n, max: MAX_WEI })

function split(amount: bigint, list: readonly { key: string; weight: bigint }[]): Map<string, bigint> {
  const amounts = largestRemainder(
    amount,
    list.map(({ weight }) => weight),
    list.map(({ key }) => key),
  )
  return new Map(list.map(({ key }, index) => [key, amounts[index]!]))
}

test('a hundred over three equal weights gives the odd unit to the smallest key', () => {
  expect(largestRemainder(100n, [1n, 1n, 1n], ['b', 'c', 'a'])).toEqual([33n, 33n, 34n])
})

test('the largest remainders take what rounding down leaves', () => {
  // 7 × (1, 2, 4) / 7 is exact; 10 × (1, 2, 4) / 7 = 1 3/7, 2 6/7, 5 5/7
  expect(largestRemainder(7n, [1n, 2n, 4n], ['a', 'b', 'c'])).toEqual([1n, 2n, 4n])
  expect(largestRemainder(10n, [1n, 2n, 4n], ['a', 'b', 'c'])).toEqual([1n, 3n, 6n])
})

test('the parts sum to the total, whatever the weights', () => {
  fc.assert(
    fc.property(total, parts, (amount, list) => {
      fc.pre(list.some(({ weight }) => weight > 0n))
      const sum = [...split(amount, list).values()].reduce((all, part) => all + part, 0n)
      expect(sum).toBe(amount)
    }),
    RUNS,
  )
})

test('the order of the parts changes nothing', () => {
  const shuffled = parts.chain((list) =>
    fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length, maxLength: list.length })),
  )
  fc.assert(
    fc.property(total, shuffled, (amount, [list, other]) => {
      fc.pre(list.some(({ weight }) => weight > 0n))
      const expected = split(amount, list)
      for (const [key, part] of split(amount, other)) expect(part).toBe(expected.get(key))
    }),
    RUNS,
  )
})

test('no part differs from its exact value by a unit, and a weight of zero gets nothing', () => {
  fc.assert(
    fc.property(total, parts, (amount, list) => {
      const sum = list.reduce((all, { weight }) => all + weight, 0n)
      fc.pre(sum > 0n)
      const amounts = split(amount, list)
      for (const { key, weight } of list) {
        const error = amounts.get(key)! * sum - amount * weight
        expect(error > -sum && error < sum).toBe(true)
        if (weight === 0n) expect(amounts.get(key)).toBe(0n)
      }
    }),
    RUNS,
  )
})

test('a larger weight never gets less', () => {
  fc.assert(
    fc.property(total, parts, (amount, list) => {
      fc.pre(list.some(({ weight }) => weight > 0n))
      const amounts = split(amount, list)
      const ascending = [...list].sort((a, b) => (a.weight < b.weight ? -1 : a.weight > b.weight ? 1 : 0))
      ascending.slice(1).forEach(({ key, weight }, index) => {
        const below = ascending[index]!
        if (below.weight < weight) expect(amounts.get(key)! >= amounts.get(below.key)!).toBe(true)
      })
    }),
    RUNS,
  )
})

test('nothing to split among nobody is nothing', () => {
  expect(largestRemainder(0n, [], [])).toEqual([])
  expect(largestRemainder(0n, [0n, 0n], ['a', 'b'])).toEqual([0n, 0n])
})

test.each([
  ['a negative total', -1n, [1n], ['a'], 'split.malformed'],
  ['a negative weight', 1n, [2n, -1n], ['a', 'b'], 'split.malformed'],
  ['a missing key', 1n, [1n, 1n], ['a'], 'split.malformed'],
  ['a key that stands twice', 1n, [1n, 1n], ['a', 'a'], 'split.malformed'],
  ['an amount that nobody has weight for', 1n, [0n, 0n], ['a', 'b'], 'split.no_weight'],
] as const)('%s is refused', (_, amount, weights, keys, code) => {
  expect(() => largestRemainder(amount, weights, keys)).toThrow(expect.objectContaining({ code }))
})
