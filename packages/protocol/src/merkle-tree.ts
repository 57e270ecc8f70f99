import { keccak_256 } from '@noble/hashes/sha3.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import { digestBytes } from './digest.ts'
import { OpenLedgerError } from './error.ts'
import { keccakBatch } from './keccak-batch.ts'

/**
 * A binary Merkle tree over 32-byte words, addressed by index, as `contracts/rewards/MerkleWord.sol` folds it.
 *
 *   leaf = keccak256(word)            32-byte preimage
 *   node = keccak256(left ‖ right)    64-byte preimage, so no node passes for a leaf
 *
 * Words are padded with zero words to the next power of two. All levels lie in one buffer, leaves first.
 */
export class MerkleTree {
  /** Number of words given, without padding. */
  readonly size: number
  /** Number of siblings in a proof. */
  readonly depth: number
  readonly #levels: Uint8Array[] // depth + 1 levels; level l has 2^(depth - l) hashes of 32 bytes

  /** @throws merkle.empty when there is no word: an empty tree would promise nothing under a valid root */
  constructor(words: readonly string[]) {
    if (words.length === 0) {
      throw new OpenLedgerError('merkle.empty', 'A Merkle tree needs at least one word.', {
        nextStep: 'Build the tree only when there is something to commit to.',
      })
    }
    this.size = words.length
    this.depth = Math.ceil(Math.log2(words.length))
    const width = 2 ** this.depth
    const padded = new Uint8Array(width * 32)
    for (let i = 0; i < words.length; i++) writeWord(words[i]!, padded, i * 32)
    const leaves = new Uint8Array(width * 32)
    keccakBatch(padded, 32, leaves)
    this.#levels = [leaves]
    for (let level = 0; level < this.depth; level++) this.#levels.push(parents(this.#levels[level]!))
  }

  get root(): `0x${string}` {
    return hex(this.#levels[this.depth]!)
  }

  /** Siblings from the leaf at `index` up to the root. */
  proof(index: number): `0x${string}`[] {
    if (!Number.isInteger(index) || index < 0 || index >= this.size) {
      throw new OpenLedgerError('merkle.no_such_index', 'The tree has no word at this index.', {
        facts: { index, size: this.size },
        nextStep: 'Ask for an index below the size.',
      })
    }
    return Array.from({ length: this.depth }, (_, level) => {
      const sibling = (index >> level) ^ 1
      return hex(this.#levels[level]!.subarray(sibling * 32, sibling * 32 + 32))
    })
  }
}

/** The root that `proof` leads to from `word` at `index`; null when the index does not belong to a tree of that depth. */
export function rootFromProof(word: string, index: number, proof: readonly string[]): `0x${string}` | null {
  if (!Number.isInteger(index) || index < 0 || index >= 2 ** proof.length) return null
  let hash = keccak_256(digestBytes(word))
  proof.forEach((sibling, level) => {
    const pair = new Uint8Array(64)
    const isRight = (index >> level) & 1
    pair.set(hash, isRight ? 32 : 0)
    pair.set(digestBytes(sibling), isRight ? 0 : 32)
    hash = keccak_256(pair)
  })
  return hex(hash)
}

function parents(level: Uint8Array): Uint8Array {
  const above = new Uint8Array(level.length / 2)
  keccakBatch(level, 64, above)
  return above
}

/** As `digestBytes`, without an array for each of a million words. */
function writeWord(word: string, target: Uint8Array, at: number): void {
  if (word.length !== 66) digestBytes(word)
  for (let byte = 0; byte < 32; byte++) {
    const high = DIGITS[word.charCodeAt(2 + byte * 2)] ?? NO_DIGIT
    const low = DIGITS[word.charCodeAt(3 + byte * 2)] ?? NO_DIGIT
    if ((high | low) & NO_DIGIT) digestBytes(word) // throws
    target[at + byte] = (high << 4) | low
  }
  if (word.charCodeAt(0) !== 0x30 || word.charCodeAt(1) !== 0x78) digestBytes(word)
}

const NO_DIGIT = 0x80
/** [128] value of each character as a hex digit, lower case. */
const DIGITS = Uint8Array.from({ length: 128 }, (_, code) => {
  const digit = '0123456789abcdef'.indexOf(String.fromCharCode(code))
  return digit < 0 ? NO_DIGIT : digit
})

function hex(bytes: Uint8Array): `0x${string}` {
  return `0x${bytesToHex(bytes)}`
}
