import { fc, test as propertyTest } from '@fast-check/vitest'
import { describe, expect, test } from 'vitest'
import { integerSqrt, integerSqrtUp } from './integer-root.ts'
import { sharesPpm, utilityOf } from './utility.ts'

const scores = fc.array(fc.bigInt({ min: -(2n ** 90n), max: 2n ** 90n }), { minLength: 2, maxLength: 6 })

describe('utility', () => {
  propertyTest.prop([fc.bigInt({ min: 0n, max: 2n ** 300n })], { numRuns: 1000 })(
    'integer roots bracket the root',
    (n) => {
      const root = integerSqrt(n)
      expect(root * root <= n && (root + 1n) ** 2n > n).toBe(true)
      const up = integerSqrtUp(n)
      expect(up * up >= n && (up === 0n || (up - 1n) ** 2n < n)).toBe(true)
    },
  )

  propertyTest.prop([scores], { numRuns: 1000 })(
    'is never more than the smallest score that the deviations allow',
    (list) => {
      const { mean, standardError, utility } = utilityOf(list)
      const m = BigInt(list.length)
      const sum = list.reduce((total, score) => total + score, 0n)
      expect(mean * m <= sum && (mean + 1n) * m > sum).toBe(true)
      const squares = list.reduce((total, score) => total + (m * score - sum) ** 2n, 0n)
      // standardError² · M³ (M - 1) >= squares > (standardError - 1)² · M³ (M - 1)
      const unit = m ** 3n * (m - 1n)
      expect(standardError ** 2n * unit >= squares).toBe(true)
      expect(standardError === 0n || (standardError - 1n) ** 2n * unit < squares).toBe(true)
      expect(utility).toBe(mean - 2n * standardError > 0n ? mean - 2n * standardError : 0n)
    },
  )

  test('two seeds: the standard error is half their distance', () => {
    expect(utilityOf([10n, 20n])).toEqual({ mean: 15n, standardError: 5n, utility: 5n })
    expect(utilityOf([10n, 31n])).toEqual({ mean: 20n, standardError: 11n, utility: 0n })
    expect(utilityOf([-3n, -4n])).toEqual({ mean: -4n, standardError: 1n, utility: 0n })
    expect(utilityOf([7n, 7n])).toEqual({ mean: 7n, standardError: 0n, utility: 7n })
  })

  test('one seed is refused', () => {
    expect(() => utilityOf([5n])).toThrowError(expect.objectContaining({ code: 'influence.too_few_seeds' }))
  })

  propertyTest.prop([fc.array(fc.bigInt({ min: 0n, max: 2n ** 120n }), { maxLength: 30 })])(
    'shares are rounded down: their sum is one million less than one part for each record',
    (utilities) => {
      const shares = sharesPpm(utilities)
      const sum = shares.reduce((total, share) => total + share, 0)
      const isPaid = utilities.some((utility) => utility > 0n)
      expect(sum).toBeLessThanOrEqual(isPaid ? 1_000_000 : 0)
      expect(sum).toBeGreaterThanOrEqual(isPaid ? 1_000_000 - utilities.length : 0)
    },
  )
})
