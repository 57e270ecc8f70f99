import { HIGH_SENTINEL, lowSentinel, MerkleTree, readRewardWord } from '@openledger/protocol'

/** A word of a tree and where it stands, as RootCourt takes it. */
type Leaf = { word: `0x${string}`; index: number; proof: readonly `0x${string}`[] }

/** What the tree of a proposed root shows by itself, with what proves it to RootCourt. */
export type Fault = { account: `0x${string}` } & (
  | { kind: 'misframing'; leaf: Leaf }
  | { kind: 'disorder'; left: Leaf; right: Leaf }
  | { kind: 'regression'; leaf: Leaf; old: Leaf }
  | { kind: 'omission'; left: Leaf; right: Leaf; old: Leaf }
  | { kind: 'excess'; sumWei: bigint; parts: readonly Part[] }
)

/** An aligned piece of the tree, small enough for one transaction. */
type Part = { words: readonly `0x${string}`[]; index: number; proof: readonly `0x${string}`[] }

/** Words of one `tally`. */
const PART_WORDS = 1024

const PADDING = `0x${'0'.repeat(64)}` as const
const LAST_ACCOUNT = `0x${'f'.repeat(40)}`
/** Words of smaller accounts are those of ids that RewardDistributor gave out; what these hold is told by `holderOf`. */
const MAX_ID = 2n ** 32n - 1n

/**
 * The first fault that needs no arbiter, in the order in which a tree is read: its frame, its order, what live roots had
 * granted, its sum.
 *
 * Left out: an account that stands under its id in one tree and under its address in the other (the court can judge it, by
 * `proveOmissionOfHolder`), and leaves at uneven depths, which no list of words describes.
 *
 * @param words of the proposed tree, as published; they must lead to its root
 * @param old   words of a live root; null before the first
 * @returns null when there is none: what is wrong otherwise is for a challenge
 */
export function findFault(
  { words, epoch, totalWei }: { words: readonly `0x${string}`[]; epoch: number; totalWei: bigint },
  old: readonly `0x${string}`[] | null,
): Fault | null {
  const padded = pad(words)
  const tree = new MerkleTree(padded)
  const leafAt = (index: number): Leaf => ({ word: padded[index]!, index, proof: tree.proof(index) })
  return (
    misframed(padded, epoch, leafAt) ??
    disordered(padded, leafAt) ??
    (old === null ? null : takenBack(padded, old, leafAt)) ??
    excessive(padded, tree, totalWei)
  )
}

/** With the padding that the tree has: the court may be shown that as well. */
function pad(words: readonly `0x${string}`[]): `0x${string}`[] {
  const width = 2 ** Math.ceil(Math.log2(words.length))
  return [...words, ...Array<`0x${string}`>(width - words.length).fill(PADDING)]
}

function misframed(words: readonly `0x${string}`[], epoch: number, leafAt: (index: number) => Leaf): Fault | null {
  const last = words.length - 1
  const isWrong = (word: string, index: number) =>
    (index === 0 && word !== lowSentinel(epoch)) ||
    (index === last && word !== PADDING && word !== HIGH_SENTINEL) ||
    (accountOf(word) === LAST_ACCOUNT && word !== HIGH_SENTINEL)
  const index = words.findIndex(isWrong)
  return index < 0 ? null : { kind: 'misframing', account: accountOf(words[index]!), leaf: leafAt(index) }
}

function disordered(words: readonly `0x${string}`[], leafAt: (index: number) => Leaf): Fault | null {
  for (let index = 0; index + 1 < words.length; index++) {
    const [left, right] = [words[index]!, words[index + 1]!]
    const hasEnded = left === PADDING || accountOf(left) === LAST_ACCOUNT
    const isOrdered = hasEnded ? right === PADDING : accountOf(left) < accountOf(right)
    if (isOrdered) continue
    return { kind: 'disorder', account: accountOf(right), left: leafAt(index), right: leafAt(index + 1) }
  }
  return null
}

/** An account that a live root granted more, or that is missing. The words are in order: that was looked at before. */
function takenBack(
  words: readonly `0x${string}`[],
  old: readonly `0x${string}`[],
  leafAt: (index: number) => Leaf,
): Fault | null {
  const indexOf = new Map(words.map((word, index) => [accountOf(word), index]))
  const oldPadded = pad(old)
  let oldTree: MerkleTree | undefined
  const oldLeaf = (index: number): Leaf => {
    oldTree ??= new MerkleTree(oldPadded)
    return { word: oldPadded[index]!, index, proof: oldTree.proof(index) }
  }
  for (const [at, word] of old.entries()) {
    const account = accountOf(word)
    const { cumulativeWei } = readRewardWord(word)
    if (/^0x(0+|f+)$/.test(account) || cumulativeWei === 0n) continue
    const index = indexOf.get(account)
    if (index !== undefined) {
      if (readRewardWord(words[index]!).cumulativeWei >= cumulativeWei) continue
      return { kind: 'regression', account, leaf: leafAt(index), old: oldLeaf(at) }
    }
    if (BigInt(account) <= MAX_ID) continue
    // The words end with the high sentinel or with padding, so something greater follows where it is not the last.
    const right = words.findIndex((next) => accountOf(next) > account)
    if (right > 0) {
      return { kind: 'omission', account, left: leafAt(right - 1), right: leafAt(right), old: oldLeaf(at) }
    }
  }
  return null
}

function excessive(words: readonly `0x${string}`[], tree: MerkleTree, totalWei: bigint): Fault | null {
  const sumWei = words.reduce((sum, word) => sum + paidBy(word), 0n)
  if (sumWei <= totalWei) return null
  const size = Math.min(PART_WORDS, words.length)
  const levels = Math.log2(size)
  const parts = Array.from({ length: words.length / size }, (_, index): Part => {
    const proof = tree.proof(index * size).slice(levels)
    return { words: words.slice(index * size, (index + 1) * size), index, proof }
  })
  return { kind: 'excess', account: accountOf(PADDING), sumWei, parts }
}

/** What a word lets an account claim; a sentinel's amount is none. */
function paidBy(word: string): bigint {
  return /^0x(0+|f+)$/.test(accountOf(word)) ? 0n : readRewardWord(word).cumulativeWei
}

function accountOf(word: string): `0x${string}` {
  return readRewardWord(word).account
}
