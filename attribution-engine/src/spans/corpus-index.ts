/**
 * The records of a corpus as one token sequence with its suffix array: every span of every record can be found by binary
 * search. Records are kept apart by a token that no text has, so nothing is found across a border.
 *
 * @see Liu et al. 2024, "Infini-gram", arXiv:2401.17377
 */
import { lex } from './lex.ts'
import { suffixArray } from './suffix-array.ts'

export type CorpusRecord = { digest: `0x${string}`; text: string }

/** Stands behind each record; words are numbered from 1. */
const BORDER = 0

export class CorpusIndex {
  readonly #words = new Map<string, number>()
  /** UTF-16 length of each word. */
  readonly #wordLengths: number[] = [0]
  readonly #tokens: Int32Array
  readonly #suffixes: Int32Array
  /** Token at which each record begins. */
  readonly #recordStarts: Int32Array
  /** UTF-16 offset of each token in its record. */
  readonly #offsets: Int32Array
  readonly #digests: readonly `0x${string}`[]
  /** Times each word stands in the corpus. */
  readonly #counts: Int32Array
  /** Words and signs in the corpus. */
  readonly size: number

  constructor(records: readonly CorpusRecord[]) {
    this.#digests = records.map((record) => record.digest)
    this.#recordStarts = new Int32Array(records.length)
    const tokens: number[] = []
    const offsets: number[] = []
    for (const [record, { text }] of records.entries()) {
      this.#recordStarts[record] = tokens.length
      for (const lexeme of lex(text)) {
        tokens.push(this.#intern(lexeme.text))
        offsets.push(lexeme.start)
      }
      tokens.push(BORDER)
      offsets.push(text.length)
    }
    this.size = tokens.length - records.length
    this.#tokens = Int32Array.from(tokens)
    this.#offsets = Int32Array.from(offsets)
    this.#counts = new Int32Array(this.#words.size + 1)
    for (const token of this.#tokens) this.#counts[token]!++
    this.#suffixes = suffixArray(this.#tokens, this.#words.size + 1)
  }

  /** The corpus's number of a word; -1 for one that it does not have. */
  tokenOf(word: string): number {
    return this.#words.get(word) ?? -1
  }

  /** How often a known word stands in the corpus. */
  countOf(token: number): number {
    return this.#counts[token]!
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
      const middle = (low + high) >> 1
      if (this.#commonLength(middle, query, from, end) === length) low = middle + 1
      else high = middle
    }
    return { first, last: low }
  }

  /** Where the `length` tokens at rank `rank` stand. */
  locate(rank: number, length: number): { record: `0x${string}`; start: number; end: number } {
    const token = this.#suffixes[rank]!
    let low = 0
    let high = this.#recordStarts.length
    while (high - low > 1) {
      const middle = (low + high) >> 1
      if (this.#recordStarts[middle]! <= token) low = middle
      else high = middle
    }
    const last = token + length - 1
    return {
      record: this.#digests[low]!,
      start: this.#offsets[token]!,
      end: this.#offsets[last]! + this.#wordLengths[this.#tokens[last]!]!,
    }
  }

  #intern(word: string): number {
    const known = this.#words.get(word)
    if (known !== undefined) return known
    const token = this.#words.size + 1
    this.#words.set(word, token)
    this.#wordLengths.push(word.length)
    return token
  }

  /** The first rank whose suffix is not smaller than `query[from … end)`. */
  #lowerBound(query: Int32Array, from: number, end: number): number {
    let low = 0
    let high = this.#suffixes.length
    while (low < high) {
      const middle = (low + high) >> 1
      const common = this.#commonLength(middle, query, from, end)
      const at = this.#suffixes[middle]! + common
      const isSmaller = from + common < end && (at >= this.#tokens.length || this.#tokens[at]! < query[from + common]!)
      if (isSmaller) low = middle + 1
      else high = middle
    }
    return low
  }

  #commonLength(rank: number, query: Int32Array, from: number, end = query.length): number {
    const start = this.#suffixes[rank]
    if (start === undefined) return 0
    let length = 0
    while (from + length < end && this.#tokens[start + length] === query[from + length]) length++
    return length
  }
}
