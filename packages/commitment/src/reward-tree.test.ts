import { HIGH_SENTINEL, lowSentinel, rewardWord, rootFromProof } from '@openledger/protocol'
import { SimpleMerkleTree } from '@openzeppelin/merkle-tree'
import { concat, keccak256 } from 'ethers'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { verifyClaim } from './claim.ts'
import { RewardTree } from './reward-tree.ts'

const account = (n: number | bigint) => `0x${n.toString(16).padStart(40, '0')}` as const

const rewards = fc
  .uniqueArray(
    fc.tuple(fc.bigInt({ min: 1n, max: 2n ** 160n - 2n }).map(account), fc.bigInt({ min: 0n, max: 2n ** 90n })),
    { selector: ([who]) => who, maxLength: 33 },
  )
  .map((list) => new Map<string, bigint>(list))

test('words are sorted by account, between the sentinels, and zero amounts are left out', () => {
  const tree = new RewardTree(
    new Map([
      [account(9), 5n],
      [account(3), 7n],
      [account(4), 0n],
    ]),
    42,
  )
  expect(tree.words).toEqual([lowSentinel(42), rewardWord(account(3), 7n), rewardWord(account(9), 5n), HIGH_SENTINEL])
  expect(tree.totalWei).toBe(12n)
  expect(tree.amounts()).toEqual(
    new Map([
      [account(3), 7n],
      [account(9), 5n],
    ]),
  )
})

test('every positive account can claim what it was granted, and nobody else can', () => {
  fc.assert(
    fc.property(rewards, fc.integer({ min: 1, max: 1e6 }), (amounts, epoch) => {
      const tree = new RewardTree(amounts, epoch)
      for (const [who, cumulativeWei] of amounts) {
        const claim = tree.claimFor(who)
        if (cumulativeWei === 0n) {
          expect(claim).toBeNull()
          continue
        }
        expect(claim!.word).toBe(rewardWord(who, cumulativeWei))
        expect(rootFromProof(claim!.word, claim!.index, claim!.proof)).toBe(tree.root)
        expect(verifyClaim(tree.root, claim!)).toBe(true)
        expect(verifyClaim(tree.root, { ...claim!, word: rewardWord(who, cumulativeWei + 1n) })).toBe(false)
      }
      expect(tree.totalWei).toBe([...amounts.values()].reduce((all, wei) => all + wei, 0n))
    }),
    { numRuns: 1_000 },
  )
})

test('the order in which accounts are given changes nothing', () => {
  fc.assert(
    fc.property(rewards, (amounts) => {
      const reversed = new Map([...amounts].reverse())
      expect(new RewardTree(reversed, 1).root).toBe(new RewardTree(amounts, 1).root)
    }),
    { numRuns: 1_000 },
  )
})

test('root and proofs are those of the tree that OpenZeppelin builds over the same leaves', () => {
  fc.assert(
    fc.property(rewards, (amounts) => {
      const tree = new RewardTree(amounts, 7)
      const width = 2 ** Math.ceil(Math.log2(tree.words.length))
      const zero = `0x${'0'.repeat(64)}`
      const leaves = Array.from({ length: width }, (_, index) => keccak256(tree.words[index] ?? zero))
      // OpenZeppelin lays leaves out from the right end of an implicit heap, so what is left for us is right for it. Its
      // own getProof insists on a commutative hash, so the siblings are read from the heap.
      const oracle = SimpleMerkleTree.of(leaves, {
        sortLeaves: false,
        nodeHash: (left, right) => keccak256(concat([right as string, left as string])),
      })
      const heap = oracle.dump().tree
      expect(tree.root).toBe(oracle.root)
      tree.words.slice(1, -1).forEach((word, index) => {
        const siblings: string[] = []
        for (let node = heap.length - 2 - index; node > 0; node = (node - 1) >> 1) {
          siblings.push(heap[node % 2 === 0 ? node - 1 : node + 1]!)
        }
        expect(tree.claimFor(word.slice(0, 42))!.proof).toEqual(siblings)
      })
    }),
    { numRuns: 200 },
  )
})

test('published words give the same tree back', () => {
  fc.assert(
    fc.property(rewards, (amounts) => {
      const tree = new RewardTree(amounts, 3)
      expect(RewardTree.fromWords(tree.words).root).toBe(tree.root)
    }),
    { numRuns: 200 },
  )
})

test('the epoch salts the root', () => {
  const amounts = new Map([[account(1), 1n]])
  expect(new RewardTree(amounts, 1).root).not.toBe(new RewardTree(amounts, 2).root)
})

test('an account has one claim however its address is spelt', () => {
  const who = '0xABCDEFabcdefABCDEFabcdefABCDEFabcdefABCD'
  const tree = new RewardTree(new Map([[who, 5n]]), 1)
  expect(tree.claimFor(who)).toEqual(tree.claimFor(who.toLowerCase()))
  expect(tree.claimFor(account(5))).toBeNull()
})

test('sentinels and padding never verify as a claim, though their proofs are good', () => {
  const tree = new RewardTree(new Map([[account(1), 1n]]), 1)
  const sibling = keccak256(HIGH_SENTINEL) as `0x${string}`
  expect(tree.words).toHaveLength(3)
  const padding = {
    word: `0x${'0'.repeat(64)}` as const,
    index: 3,
    proof: [sibling, tree.claimFor(account(1))!.proof[1]!],
  }
  expect(verifyClaim(tree.root, padding)).toBe(false)
  const empty = new RewardTree(new Map(), 1)
  const low = { word: lowSentinel(1), index: 0, proof: [sibling] }
  expect(rootFromProof(low.word, low.index, low.proof)).toBe(empty.root)
  expect(verifyClaim(empty.root, low)).toBe(false)
})

test('a claim at another index, with another proof or under another root does not verify', () => {
  const tree = new RewardTree(
    new Map([
      [account(1), 1n],
      [account(2), 2n],
      [account(3), 3n],
    ]),
    1,
  )
  const claim = tree.claimFor(account(2))!
  expect(verifyClaim(tree.root, { ...claim, index: claim.index + 1 })).toBe(false)
  expect(verifyClaim(tree.root, { ...claim, index: claim.index + 8 })).toBe(false)
  expect(verifyClaim(tree.root, { ...claim, proof: claim.proof.slice(1) })).toBe(false)
  expect(verifyClaim(tree.root, { ...claim, proof: [...claim.proof].reverse() })).toBe(false)
  expect(verifyClaim(keccak256('0x'), claim)).toBe(false)
})

test.each([
  [
    'an account in two spellings',
    new Map([
      [`0x${'a'.repeat(40)}`, 1n],
      [`0x${'A'.repeat(40)}`, 1n],
    ]),
    1,
    'reward_tree.malformed',
  ],
  ['the zero account', new Map([[account(0), 1n]]), 1, 'reward_tree.malformed'],
  ['the last account', new Map([[`0x${'f'.repeat(40)}`, 0n]]), 1, 'reward_tree.malformed'],
  ['epoch 0', new Map([[account(1), 1n]]), 0, 'reward_tree.malformed'],
  ['an amount above 96 bits', new Map([[account(1), 2n ** 96n]]), 1, 'reward_word.out_of_range'],
  ['a negative amount', new Map([[account(1), -1n]]), 1, 'reward_word.out_of_range'],
  ['what is no address', new Map([['0x12', 1n]]), 1, 'reward_word.out_of_range'],
])('%s is refused', (_, amounts, epoch, code) => {
  expect(() => new RewardTree(amounts, epoch)).toThrow(expect.objectContaining({ code }))
})

const published = new RewardTree(
  new Map([
    [account(1), 1n],
    [account(2), 2n],
  ]),
  5,
).words
test.each([
  ['no words', []],
  ['a missing low sentinel', published.slice(1)],
  ['a missing high sentinel', published.slice(0, -1)],
  ['accounts out of order', [published[0]!, published[2]!, published[1]!, published[3]!]],
  ['an account that stands twice', [published[0]!, published[1]!, published[1]!, published[3]!]],
  ['a word of zero wei', [published[0]!, rewardWord(account(1), 0n), published[3]!]],
  ['a word after the high sentinel', [...published, rewardWord(account(3), 1n)]],
])('published words with %s are refused', (_, words) => {
  expect(() => RewardTree.fromWords(words)).toThrow(expect.objectContaining({ code: 'reward_tree.malformed' }))
})
