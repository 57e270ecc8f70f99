import { readRewardWord, rootFromProof } from '@openledger/protocol'

/** What RewardDistributor.claim takes. */
export type Claim = {
  /** account(160) ‖ cumulativeWei(96) */
  word: `0x${string}`
  index: number
  /** Siblings from the leaf up. */
  proof: readonly `0x${string}`[]
}

/**
 * Whether the claim pays under `root`, as the contract would decide: its proof leads there and its word is an
 * account's. Malformed hex is refused by an error, everything else that is wrong by `false`.
 */
export function verifyClaim(root: string, claim: Claim): boolean {
  return !isSentinelAccount(claim.word) && rootFromProof(claim.word, claim.index, claim.proof) === root
}

/** Whether the word's account is one that never earns: the low sentinel's and padding's, or the high sentinel's. */
export function isSentinelAccount(word: string): boolean {
  return /^0x(0+|f+)$/.test(readRewardWord(word).account)
}
