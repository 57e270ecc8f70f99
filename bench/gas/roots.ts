import { concat, keccak256, solidityPacked, toBeHex } from 'ethers'
import type { Economy } from './economy.ts'
import { accountOf, bytesOf, hexOf } from './random.ts'

/** Levels above the leaves of a tree of a million accounts: 2^20. */
export const DEPTH = 20

/**
 * `count` neighbours of a tree of 2^20 leaves and what proves them. The rest of the tree is not made: random siblings stand for
 * it, which the contract cannot tell from real ones.
 */
export function subtree(name: string, count: number, cumulativeWei: bigint): Subtree {
  const words = Array.from({ length: count }, (_, i) => wordOf(accountOf(`account ${i}`), cumulativeWei + BigInt(i)))
  return over(name, words, bytesOf('index').readUInt32BE() % 2 ** (DEPTH - Math.log2(count)))
}

/** The same with ids in place of addresses: in a tree they are the first, so the subtree's place follows from them. */
export function idSubtree(name: string, count: number, cumulativeWei: bigint): Subtree {
  const words = Array.from({ length: count }, (_, i) => wordOf(toBeHex(count + i, 20), cumulativeWei + BigInt(i)))
  return over(name, words, 1)
}

function wordOf(account: string, cumulativeWei: bigint): string {
  return solidityPacked(['address', 'uint96'], [account, cumulativeWei])
}

function over(name: string, words: string[], index: number): Subtree {
  const count = words.length
  const levels = DEPTH - Math.log2(count)
  const proof = Array.from({ length: levels }, (_, level) => hexOf(`${name}: sibling ${level}`))
  let hashes = words.map((word) => keccak256(word))
  while (hashes.length > 1)
    hashes = hashes.flatMap((hash, i) => (i % 2 ? [] : [keccak256(concat([hash, hashes[i + 1]!]))]))
  const root = proof.reduce((node, sibling, level) => {
    return keccak256(concat((index >> level) % 2 === 0 ? [node, sibling] : [sibling, node]))
  }, hashes[0]!)
  return { words, index, proof, root }
}

export type Subtree = { words: string[]; index: number; proof: string[]; root: string }

/** Proposes a root over funded rewards, and lets its window pass. @return gas of the proposal */
export async function openRoot(economy: Economy, root: string, totalWei: bigint): Promise<number> {
  const { holder, proposer } = economy.accounts
  const [vault, court] = [economy.addressOf('RewardDistributor'), economy.addressOf('RootCourt')]
  await economy.send(holder, 'OpenToken', 'approve', vault, totalWei)
  await economy.send(holder, 'RewardDistributor', 'fund', totalWei, hexOf('source'))
  await economy.send(holder, 'OpenToken', 'transfer', proposer, 10n ** 21n)
  await economy.send(proposer, 'OpenToken', 'approve', court, 10n ** 21n)
  const digests = [hexOf('data'), hexOf('engine')]
  const toBlock = (await economy.blockNumber()) - 1
  const gas = await economy.send(proposer, 'RootCourt', 'propose', [
    root,
    ...digests,
    totalWei,
    toBlock,
    hexOf('block'),
  ])
  await economy.wait(86_400)
  return gas
}
