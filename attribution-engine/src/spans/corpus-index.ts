/**
 * The records of a corpus as tokens with suffix arrays: every span of every record can be found by binary search.
 *
 * New records make a shard of their own, which is merged with the shards before it as soon as these are not at least twice as
 * large: so a corpus of n tokens has at most log2(n) shards, and each token is sorted at most log2(n) times however often versions
 * come (a log-structured merge tree).
 *
 * @see Liu et al. 2024, "Infini-gram", arXiv:2401.17377; O'Neil et al. 1996, "The log-structured merge-tree"
 */
import { lex, type Tokenise } from './lex.ts'
import { BORDER, noteStep, TokenShard } from './token-shard.ts'

export type CorpusRecord = { digest: `0x${string}`; text: string }

/** A stretch of a query in the shards that have it. */
export type Found = { count: number; ranges: readonly { shard: number; first: number; last: number }[] }

export class CorpusIndex {
  readonly tokenise: Tokenise
  /** Numbers of tokens, from 1. */
  readonly #numbers = new Map<string, number>()
  /** UTF-16 length of each token. */
  readonly #lengths: number[] = [0]
  /** Times each token stands in the corpus. */
  readonly #counts: number[] = [0]
  readonly #digests: `0x${string}`[] = []
  #shards: TokenShard[] = []
  #size = 0

  constructor(records: readonly CorpusRecord[] = [], tokenise: Tokenise = lex) {
    this.tokenise = tokenise
    this.add(records)
  }

  /** Tokens in the corpus. */
  get size(): number {
    return this.#size
  }

  /** Tokens of each shard, borders included, the oldest first. */
  get shards(): readonly number[] {
    return this.#shards.map(({ tokens }) => tokens.length)
  }

  /** Bytes that the index takes beside the tokens. */
  get indexBytes(): number {
    return this.#shards.reduce((sum, shard) => sum + shard.indexBytes, 0)
  }

  /** Adds the records of a new version. Nothing that was found before is lost. */
  add(records: readonly CorpusRecord[]): void {
    if (records.length > 0) this.insert(this.read(records))
  }

  /** The first half of `add`: cuts records into tokens, which `insert` must take before others are read. */
  read(records: readonly CorpusRecord[]): Omit<TokenShard.Parts, 'alphabet'> {
    const tokens: number[] = []
    const steps: number[] = []
    const far = new Map<number, number>()
    const recordStarts = new Int32Array(records.length)
    const firstRecord = this.#digests.length
    for (const [record, { digest, text }] of records.entries()) {
      this.#digests.push(digest)
      recordStarts[record] = tokens.length
      let before = 0
      for (const { text: key, start, end } of this.tokenise(text)) {
        steps.push(noteStep(start - before, tokens.length, far))
        tokens.push(this.#intern(key, end - start))
        before = start
      }
      steps.push(noteStep(text.length - before, tokens.length, far))
      tokens.push(BORDER)
    }
    this.#size += tokens.length - records.length
    return { tokens: Int32Array.from(tokens), steps: Uint8Array.from(steps), far, recordStarts, firstRecord }
  }

  /** The second half: sorts them, merged with the newest shards as long as these are less than twice as large. */
  insert(added: Omit<TokenShard.Parts, 'alphabet'>): void {
    let parts = added
    const kept = [...this.#shards]
    for (let newest = kept.at(-1); newest !== undefined; newest = kept.at(-1)) {
      if (newest.tokens.length >= 2 * parts.tokens.length) break
      parts = { ...concatenate(newest.parts(), parts), firstRecord: newest.firstRecord }
      kept.pop()
    }
    kept.push(new TokenShard({ ...parts, alphabet: this.#numbers.size + 1 }))
    this.#shards = kept
  }

  /** The corpus's numbers of tokens; -1 for one that it does not have. */
  query(keys: readonly string[]): Int32Array {
    return Int32Array.from(keys, (key) => this.#numbers.get(key) ?? -1)
  }

  /** How often a known token stands in the corpus. */
  countOf(token: number): number {
    return this.#counts[token] ?? 0
  }

  /** Length of the longest prefix of `query[from …]` that stands in some record. */
  longestMatch(query: Int32Array, from: number): number {
    let longest = 0
    for (const shard of this.#shards) longest = Math.max(longest, shard.longestMatch(query, from))
    return longest
  }

  /** Where `query[from … from + length)` stands. */
  find(query: Int32Array, from: number, length: number): Found {
    const ranges = this.#shards.map((shard, index) => ({ shard: index, ...shard.find(query, from, length) }))
    const count = ranges.reduce((sum, { first, last }) => sum + last - first, 0)
    return { count, ranges: ranges.filter(({ first, last }) => last > first) }
  }

  /**
   * Probability of a token after others, from the longest end of these that the corpus has.
   *
   *   P(w | c) = count(c' w) / count(c')      c': the longest suffix of c with count(c') > 0 (the ∞-gram)
   *
   * @param context at most this much of what stands before is asked for
   * @returns its numerator and denominator, and how many tokens of context were used
   * @see Liu et al. 2024, section 3; without smoothing, so a probability may be 0
   */
  nextToken(context: Int32Array, token: number): { count: number; of: number; contextTokens: number } {
    const whole = Int32Array.from([...context, token])
    for (let start = 0; start < context.length; start++) {
      const length = context.length - start
      const of = this.find(context, start, length).count - this.#atRecordEnds(context, start, length)
      if (of > 0) return { count: this.find(whole, start, length + 1).count, of, contextTokens: length }
    }
    return { count: this.countOf(token), of: this.#size, contextTokens: 0 }
  }

  /** Every place of what was found, `length` tokens long, by record and offset. */
  locate({ ranges }: Found, length: number): { record: `0x${string}`; start: number; end: number }[] {
    return ranges.flatMap(({ shard: index, first, last }) => {
      const shard = this.#shards[index]!
      return Array.from({ length: last - first }, (_, at) => {
        const { record, token } = shard.locate(first + at)
        const lastToken = token + length - 1
        return {
          record: this.#digests[shard.firstRecord + record]!,
          start: shard.offsetOf(record, token),
          end: shard.offsetOf(record, lastToken) + this.#lengths[shard.tokens[lastToken]!]!,
        }
      })
    })
  }

  /** How often these tokens end a record: nothing follows there. */
  #atRecordEnds(query: Int32Array, from: number, length: number): number {
    return this.find(Int32Array.from([...query.subarray(from, from + length), BORDER]), 0, length + 1).count
  }

  #intern(key: string, length: number): number {
    let number = this.#numbers.get(key)
    if (number === undefined) {
      number = this.#numbers.size + 1
      this.#numbers.set(key, number)
      this.#lengths.push(length)
      this.#counts.push(0)
    }
    this.#counts[number]!++
    return number
  }
}

type Tokens = ReturnType<TokenShard['parts']>

function concatenate(a: Tokens, b: Tokens): Tokens {
  const shift = a.tokens.length
  const tokens = new Int32Array(shift + b.tokens.length)
  tokens.set(a.tokens)
  tokens.set(b.tokens, shift)
  const steps = new Uint8Array(tokens.length)
  steps.set(a.steps)
  steps.set(b.steps, shift)
  const recordStarts = new Int32Array(a.recordStarts.length + b.recordStarts.length)
  recordStarts.set(a.recordStarts)
  recordStarts.set(
    b.recordStarts.map((start) => start + shift),
    a.recordStarts.length,
  )
  const far = new Map([...a.far, ...[...b.far].map(([token, step]) => [token + shift, step] as const)])
  return { tokens, steps, far, recordStarts }
}
