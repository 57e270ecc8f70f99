import fc from 'fast-check'
import { expect, test } from 'vitest'
import { shareOut } from './answer-shares.ts'

const digest = (n: number) => `0x${n.toString(16).padStart(64, '0')}` as const
const account = (n: number) => `0x${(n + 1).toString(16).padStart(40, '0')}` as const
const cluster = (n: number, utility: bigint, owner = n) => ({
  canonical: digest(n),
  contributor: account(owner),
  utility: utility.toString(),
})

const influence = fc
  .uniqueArray(fc.tuple(fc.nat(500), fc.bigInt({ min: 0n, max: 2n ** 100n }), fc.nat(5)), {
    selector: ([n]) => n,
    maxLength: 30,
  })
  .map((list) => list.map(([n, utility, owner]) => cluster(n, utility, owner)))
const pool = fc.bigInt({ min: 0n, max: 2n ** 96n })

test('a pool is shared in proportion to utility, the odd wei by the largest remainder', () => {
  expect(shareOut(10n, [cluster(1, 1n), cluster(2, 2n), cluster(3, 4n)])).toEqual({
    shares: [
      { account: account(1), canonical: digest(1), amountWei: 1n },
      { account: account(2), canonical: digest(2), amountWei: 3n },
      { account: account(3), canonical: digest(3), amountWei: 6n },
    ],
    reserveWei: 0n,
  })
})

test('when nothing shaped the answer beyond doubt, its pool goes to the reserve', () => {
  expect(shareOut(10n, [])).toEqual({ shares: [], reserveWei: 10n })
  expect(shareOut(10n, [cluster(1, 0n), cluster(2, 0n)])).toEqual({ shares: [], reserveWei: 10n })
})

test('shares and reserve sum to the pool, to the wei, and the order of the evidence changes nothing', () => {
  fc.assert(
    fc.property(pool, influence, (poolWei, list) => {
      const { shares, reserveWei } = shareOut(poolWei, list)
      expect(shares.reduce((sum, { amountWei }) => sum + amountWei, reserveWei)).toBe(poolWei)
      expect(shareOut(poolWei, [...list].reverse())).toEqual({ shares, reserveWei })
    }),
    { numRuns: 1_000 },
  )
})

test('what an owner earns does not depend on how many wallets hold its clusters', () => {
  fc.assert(
    fc.property(pool, influence, (poolWei, list) => {
      const owned = shareOut(
        poolWei,
        list.map((entry) => ({ ...entry, contributor: account(0) })),
      )
      const split = shareOut(
        poolWei,
        list.map((entry, index) => ({ ...entry, contributor: account(index) })),
      )
      expect(split.shares.map(({ amountWei }) => amountWei)).toEqual(owned.shares.map(({ amountWei }) => amountWei))
    }),
    { numRuns: 1_000 },
  )
})

test('a cluster that stands twice is refused: it would earn twice', () => {
  expect(() => shareOut(10n, [cluster(1, 1n), cluster(1, 1n)])).toThrow(
    expect.objectContaining({ code: 'split.malformed' }),
  )
})
