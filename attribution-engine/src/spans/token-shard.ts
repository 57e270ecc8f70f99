/**
 * Tokens with their suffix array: every stretch of them is found by binary search.
 *
 * Beside its tokens a shard takes 4 bytes a token for the suffixes and 1 for where the token lies in its record's text:
 * the distance to the token before, and the few that are too far in a table.
 *
 * @see Liu et al. 2024, "Infini-gram", arXiv:2401.17377
 */
import { suffixArray } from './suffix-array.ts'

/** Stands behind each record, so that nothing is found across a border; no text has this token. */
export const BORDER = 0

const FAR = 255

export class TokenShard {
  /** [tokens], each record followed by BORDER. */
  readonly tokens: Uint16Array | Int32Array
  /** Index of the first record among all of the corpus. */
  readonly firstRecord: number
  /** [records] token at which each begins. */
  readonly recordStarts: Int32Array
  readonly #suffixes: Int32Array
  /** [tokens] UTF-16 units from the start of the token before, or of the record. */
  readonly #steps: Uint8Array
  readonly #far: ReadonlyMap<number, number>

  constructor({ tokens, steps, far, recordStarts, firstRecord, alphabet }: TokenShard.Parts) {
    this.#suffixes = suffixArray(tokens, alphabet)
    this.tokens = alphabet <= 2 ** 16 ? Uint16Array.from(tokens) : tokens
    this.#steps = steps
    this.#far = far
    this.recordStarts = recordStarts
    this.firstRecord = firstRecord
  }

  get records(): number {
    return this.recordStarts.length
  }

  /** Bytes beside the tokens. */
  get indexBytes(): number {
    return this.#suffixes.byteLength + this.#steps.byteLength + this.recordStarts.byteLength + this.#far.size * 16
  }

  /** What this shard was made of, to be made into a larger one. */
  parts(): Pick<TokenShard.Parts, 'tokens' | 'steps' | 'far' | 'recordStarts'> {
    const { tokens, recordStarts } = this
    return { tokens: Int32Array.from(tokens), steps: this.#steps, far: this.#far, recordStarts }
  }

  /** Length of the longest prefix of `query[from …]` that stands in some record. */
  longestMatch(query: Int32Array, from: number): number {
    // The longest match is with a neighbour of the place where the query itself would stand.
    const place = this.#lowerBound(query, from, query.length)
    return Math.max(this.#commonLength(place - 1, query, from), this.#commonLength(place, query, from))
  }

  /** The suffixes that begin with `query[from … from + length)`: ranks from `first` to before `last`. */
  find(query: Int32Array, from: number, length: number): { first: number; last: number } {
    const end = from + length
    const first = this.#lowerBound(query, from, end)
    let low = first
    let high = this.#suffixes.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#commonLength(middle, query, from, end) === length) low = middle + 1
      else high = middle
    }
    return { first, last: low }
  }

  /** Where the suffix of a rank stands: its record, counted in this shard, and its token. */
  locate(rank: number): { record: number; token: number } {
    const token = this.#suffixes[rank]!
    let low = 0
    let high = this.recordStarts.length
    while (high - low > 1) {
      const middle = (low + high) >>> 1
      if (this.recordStarts[middle]! <= token) low = middle
      else high = middle
    }
    return { record: low, token }
  }

  /** UTF-16 offset of a token in its record. */
  offsetOf(record: number, token: number): number {
    let offset = 0
    for (let at = this.recordStarts[record]!; at <= token; at++) {
      const step = this.#steps[at]!
      offset += step === FAR ? this.#far.get(at)! : step
    }
    return offset
  }

  /** The first rank whose suffix is not smaller than `query[from … end)`. */
  #lowerBound(query: Int32Array, from: number, end: number): number {
    let low = 0
    let high = this.#suffixes.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const common = this.#commonLength(middle, query, from, end)
      const at = this.#suffixes[middle]! + common
      const isSmaller = from + common < end && (at >= this.tokens.length || this.tokens[at]! < query[from + common]!)
      if (isSmaller) low = middle + 1
      else high = middle
    }
    return low
  }

  #commonLength(rank: number, query: Int32Array, from: number, end = query.length): number {
    const start = this.#suffixes[rank]
    if (start === undefined) return 0
    let length = 0
    while (from + length < end && this.tokens[start + length] === query[from + length]) length++
    return length
  }
}

export declare namespace TokenShard {
  type Parts = {
    tokens: Int32Array
    steps: Uint8Array
    /** Token → step, where it does not fit a byte. */
    far: ReadonlyMap<number, number>
    recordStarts: Int32Array
    firstRecord: number
    /** Bound above every token. */
    alphabet: number
  }
}

/** Notes steps that may not fit a byte. */
export function noteStep(step: number, token: number, far: Map<number, number>): number {
  if (step < FAR) return step
  far.set(token, step)
  return FAR
}
