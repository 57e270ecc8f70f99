import {
  HIGH_SENTINEL,
  lowSentinel,
  MerkleTree,
  OpenLedgerError,
  readRewardWord,
  rewardWord,
} from '@openledger/protocol'
import { type Claim, isSentinelAccount } from './claim.ts'

/**
 * What every account was ever granted, as the Merkle tree whose root RootCourt takes.
 *
 *   words = low sentinel (epoch) ‖ account‖cumulativeWei by account, ascending ‖ high sentinel
 *
 * The sentinels carry no money: the first salts the root with its epoch, and both let an omission at either end be
 * proven on chain. Amounts of zero are left out, so an account stands in the tree from the day it first earns.
 */
export class RewardTree {
  readonly epoch: number
  readonly root: `0x${string}`
  /** [accounts + 2] 32-byte words in tree order. */
  readonly words: readonly `0x${string}`[]
  /** Sum of all cumulative amounts, without the sentinels. */
  readonly totalWei: bigint
  readonly #tree: MerkleTree
  readonly #indexOf: ReadonlyMap<string, number>

  /**
   * @param amounts account → cumulative wei over all epochs
   * @param epoch   the epoch's number on chain, >= 1
   * @throws reward_tree.malformed for an account that stands twice (in any spelling), for a sentinel's account and for
   * an epoch below 1; reward_word.out_of_range for what is no address or does not fit 96 bits
   */
  constructor(amounts: ReadonlyMap<string, bigint>, epoch: number) {
    if (!Number.isSafeInteger(epoch) || epoch < 1) throw malformed('the epoch is not a positive integer', { epoch })
    const words: `0x${string}`[] = []
    let totalWei = 0n
    for (const [account, cumulativeWei] of amounts) {
      const word = rewardWord(account, cumulativeWei)
      if (isSentinelAccount(word)) throw malformed('a sentinel account cannot earn', { account })
      if (cumulativeWei === 0n) continue
      totalWei += cumulativeWei
      words.push(word)
    }
    words.sort() // one case and one length: text order is account order
    this.epoch = epoch
    this.words = [lowSentinel(epoch), ...words, HIGH_SENTINEL]
    this.totalWei = totalWei
    this.#indexOf = indexByAccount(this.words)
    this.#tree = new MerkleTree(this.words)
    this.root = this.#tree.root
  }

  /**
   * The tree whose words are published, checked: sentinels in place, accounts strictly ascending, no empty amount.
   * @throws reward_tree.malformed naming the first fault
   */
  static fromWords(words: readonly string[]): RewardTree {
    const first = words[0]
    if (first === undefined || readRewardWord(first).account !== ZERO_ACCOUNT)
      throw malformed('the low sentinel is missing', {})
    const amounts = new Map<string, bigint>()
    for (const word of words.slice(1, -1)) {
      const { account, cumulativeWei } = readRewardWord(word)
      if (amounts.has(account)) throw malformed('an account stands twice', { account })
      amounts.set(account, cumulativeWei)
    }
    const tree = new RewardTree(amounts, Number(readRewardWord(first).cumulativeWei))
    const differing = Math.max(tree.words.length, words.length)
    for (let index = 0; index < differing; index++) {
      if (tree.words[index] === words[index]) continue
      throw malformed('its words are not in the one order and form', { index, word: words[index] ?? null })
    }
    return tree
  }

  /** What the account needs to claim; null when the tree holds nothing for it. */
  claimFor(account: string): Claim | null {
    const index = this.#indexOf.get(account.toLowerCase())
    return index === undefined ? null : { word: this.words[index]!, index, proof: this.#tree.proof(index) }
  }

  /** Account (lower case) → cumulative wei, ascending by account. */
  amounts(): Map<`0x${string}`, bigint> {
    const rewards = this.words.slice(1, -1).map(readRewardWord)
    return new Map(rewards.map(({ account, cumulativeWei }) => [account, cumulativeWei]))
  }
}

const ZERO_ACCOUNT = `0x${'0'.repeat(40)}`

function indexByAccount(words: readonly string[]): Map<string, number> {
  const indexOf = new Map<string, number>()
  words.forEach((word, index) => {
    const { account } = readRewardWord(word)
    if (indexOf.has(account)) throw malformed('an account stands twice', { account })
    if (!isSentinelAccount(word)) indexOf.set(account, index)
  })
  return indexOf
}

function malformed(fault: string, facts: Record<string, OpenLedgerError.Fact>): OpenLedgerError {
  return new OpenLedgerError('reward_tree.malformed', `These rewards make no valid tree: ${fault}.`, {
    facts,
    nextStep: 'Give each account once, with all that it was ever granted.',
  })
}
