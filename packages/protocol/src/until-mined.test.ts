import type { Provider } from 'ethers'
import { expect, test } from 'vitest'
import { untilMined } from './until-mined.ts'

/** A provider whose receipt appears at the n-th question. */
function provider(minedAt: number): Provider {
  let asked = 0
  return { getTransactionReceipt: async () => (++asked >= minedAt ? { status: 1 } : null) } as never
}

test('a receipt that comes while we wait is given', async () => {
  expect(await untilMined(provider(4), '0x', 10_000)).toEqual({ status: 1 })
})

test('a transaction that no block takes gives null', async () => {
  expect(await untilMined(provider(Number.POSITIVE_INFINITY), '0x', 50)).toBeNull()
})

test('with no time to wait it is asked for once', async () => {
  expect(await untilMined(provider(1), '0x', 0)).toEqual({ status: 1 })
  expect(await untilMined(provider(2), '0x', 0)).toBeNull()
})
