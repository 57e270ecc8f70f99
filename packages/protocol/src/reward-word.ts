import { OpenLedgerError } from './error.ts'

const MAX_CUMULATIVE_WEI = 2n ** 96n - 1n
const LAST_ACCOUNT = `0x${'f'.repeat(40)}`

/**
 * A leaf of the rewards tree: `account(160) << 96 | cumulativeWei(96)`.
 * @param cumulativeWei all that the account was ever granted, >= 0, below 2^96
 */
export function rewardWord(account: string, cumulativeWei: bigint): `0x${string}` {
  if (!/^0x[0-9a-fA-F]{40}$/.test(account) || cumulativeWei < 0n || cumulativeWei > MAX_CUMULATIVE_WEI) {
    throw new OpenLedgerError('reward_word.out_of_range', 'An account or amount does not fit a reward leaf.', {
      facts: { account, cumulativeWei },
      nextStep: 'Give a 20-byte address and an amount from 0 to 2^96 - 1 wei.',
    })
  }
  return `0x${account.slice(2).toLowerCase()}${cumulativeWei.toString(16).padStart(24, '0')}`
}

/** Account (lower case) and amount of a reward leaf. */
export function readRewardWord(word: string): { account: `0x${string}`; cumulativeWei: bigint } {
  return { account: `0x${word.slice(2, 42)}`, cumulativeWei: BigInt(`0x${word.slice(42)}`) }
}

/** Salts the root with its epoch, and lets an omission before the first account be proven. */
export function lowSentinel(epoch: number): `0x${string}` {
  return rewardWord(`0x${'0'.repeat(40)}`, BigInt(epoch))
}

/** Lets an omission after the last account be proven. */
export const HIGH_SENTINEL = rewardWord(LAST_ACCOUNT, 0n)
