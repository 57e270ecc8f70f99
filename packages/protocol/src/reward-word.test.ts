import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import { HIGH_SENTINEL, lowSentinel, readRewardWord, rewardWord } from './reward-word.ts'

const account = fc
  .uint8Array({ minLength: 20, maxLength: 20 })
  .map((bytes) => `0x${Buffer.from(bytes).toString('hex')}`)

describe('rewardWord', () => {
  test.prop([account, fc.bigInt(0n, 2n ** 96n - 1n)])('account and amount are read back', (who, cumulativeWei) => {
    expect(readRewardWord(rewardWord(who, cumulativeWei))).toEqual({ account: who, cumulativeWei })
  })

  test.prop([account, account])('words sort as their accounts do, whatever the amounts', (a, b) => {
    fc.pre(a < b)
    expect(rewardWord(a, 2n ** 96n - 1n) < rewardWord(b, 0n)).toBe(true)
  })

  test('sentinels lie outside all accounts that can be paid', () => {
    expect(readRewardWord(lowSentinel(7))).toEqual({ account: `0x${'0'.repeat(40)}`, cumulativeWei: 7n })
    expect(HIGH_SENTINEL).toBe(`0x${'f'.repeat(40)}${'0'.repeat(24)}`)
  })

  test.each([
    ['0x12', 1n],
    [`0x${'1'.repeat(40)}`, -1n],
    [`0x${'1'.repeat(40)}`, 2n ** 96n],
  ])('%s with %s does not fit', (who, amount) => {
    expect(() => rewardWord(who, amount)).toThrow(expect.objectContaining({ code: 'reward_word.out_of_range' }))
  })
})
