/**
 * Continuous batching: requests join and leave between steps, each row with its own adapter (the base is one of them).
 *
 * The rows lie as [generating … | reading prompts …]. A turn reads one step of the waiting prompts, then generates one
 * token for all rows that have read theirs. What a row computes does not depend on its neighbours (see serving.ts in
 * language-model, and PREFILL_TOKENS), so an answer is the same in any mix, and can be audited alone.
 *
 * @see Yu et al. 2022, "Orca" (iteration-level scheduling); Chen et al. 2023, "Punica", arXiv:2310.18547 (mixed adapters)
 */
import type { Adapter } from '@openledger/language-model'
import { OpenLedgerError } from '@openledger/protocol'
import { Answer } from './answer.ts'
import type { Constraint } from './constraint/constraint.ts'
import { FairQueue } from './fair-queue.ts'
import type { TokenLogprobs } from './logprobs.ts'
import { PrefixCache, type PrefixStep } from './prefix-cache.ts'
import type { AnswerRequest, Generation } from './request.ts'
import { PREFILL_TOKENS, type ServingModel, type ServingRows } from './serving-model.ts'
import { TokenChooser } from './token-chooser.ts'

/** Prompts that are read in one step: more would make the answers under way wait for them. */
const PREFILL_ROWS = 8

export class GenerationBatch {
  readonly #model: ServingModel
  readonly #options: GenerationBatch.Options
  readonly #rows: ServingRows
  readonly #waiting = new FairQueue<Row>()
  readonly #prefixes: PrefixCache
  /** The first `#generating` have read their prompt. */
  readonly #active: Row[] = []
  #generating = 0
  /** Prompt tokens that were not read because their keys and values were at hand. */
  reusedTokens = 0

  constructor(model: ServingModel, options: GenerationBatch.Options) {
    this.#model = model
    this.#options = options
    this.#rows = model.rows(options.maxRows)
    this.#prefixes = new PrefixCache(options.prefixBytes ?? 0)
  }

  get activeRows(): number {
    return this.#active.length
  }

  get waitingRows(): number {
    return this.#waiting.size
  }

  add(request: AnswerRequest, listener: GenerationBatch.Listener, terms: GenerationBatch.Terms = {}): void {
    const { spelling } = this.#options
    const { jsonSchema, maxTokens, promptTokenIds, stop, topLogprobs } = request
    const { client = '', patienceMs = Number.POSITIVE_INFINITY } = terms
    const constraint = jsonSchema === undefined ? null : spelling.constraintOf(jsonSchema)
    const nowMs = performance.now()
    this.#waiting.add({
      request,
      listener,
      client,
      tokens: promptTokenIds.length + maxTokens,
      arrivedMs: nowMs,
      admittedMs: nowMs,
      firstTokenMs: nowMs,
      leavesMs: nowMs + patienceMs,
      isCancelled: false,
      length: 0,
      prefixKeys: [],
      answer: new Answer({ decode: spelling.decode, endIds: spelling.endIds, maxTokens, stop }),
      chooser: new TokenChooser(request, constraint),
      logprobs: topLogprobs === undefined ? null : [],
      shownTokens: 0,
    })
  }

  /** Nobody waits for this answer any more: it is not begun, or ends with the token that it is at, its first at least. */
  cancel(listener: GenerationBatch.Listener): void {
    for (const row of this.#waiting.sweep((one) => one.listener === listener)) row.listener.failed(cancelled())
    for (const row of this.#active) if (row.listener === listener) row.isCancelled = true
  }

  /** One turn of all rows. Resolves to whether there is more to do. */
  async turn(): Promise<boolean> {
    this.#endCancelled()
    this.#refuseLate()
    this.#admit()
    if (this.#active.length > this.#generating) await this.#readPrompts()
    if (this.#generating > 0) await this.#generate()
    return this.#active.length + this.#waiting.size > 0
  }

  #endCancelled(): void {
    for (const { answer, isCancelled } of this.#active.slice(0, this.#generating)) if (isCancelled) answer.cancel()
    this.#dropFinished()
  }

  #refuseLate(): void {
    const nowMs = performance.now()
    for (const { arrivedMs, listener } of this.#waiting.sweep(({ leavesMs }) => leavesMs <= nowMs)) {
      listener.failed(waitedTooLong(nowMs - arrivedMs))
    }
  }

  #admit(): void {
    const { adapterOf, maxRows, maxTokens = Number.POSITIVE_INFINITY } = this.#options
    while (this.#active.length < maxRows) {
      const taken = this.#active.reduce((sum, { tokens }) => sum + tokens, 0)
      // A request above the whole budget is answered alone.
      const row = this.#waiting.take(({ tokens }) => taken === 0 || taken + tokens <= maxTokens)
      if (row === undefined) return
      const { adapterKey } = row.request
      try {
        const adapter = adapterKey === null ? null : adapterOf(adapterKey)
        this.#rows.adapters.fill(this.#active.length, adapterKey, adapter)
      } catch (error) {
        row.listener.failed(error)
        continue
      }
      row.admittedMs = performance.now()
      row.prefixKeys = this.#prefixes.keysOf(row.request, row.client)
      this.#active.push(row)
    }
  }

  async #readPrompts(): Promise<void> {
    const first = this.#generating
    const rows = this.#chooseReaders()
    const tokenIds = new Int32Array(rows.length * PREFILL_TOKENS)
    const counts = rows.map(({ length, request }, i) => {
      const part = request.promptTokenIds.slice(length, length + PREFILL_TOKENS)
      tokenIds.set(part, i * PREFILL_TOKENS)
      return part.length
    })
    const logits = await this.#step(first, rows, tokenIds, counts)
    const vocabSize = this.#model.config.vocabSize
    rows.forEach((row, i) => {
      const key = nextKey(row)
      if (key !== undefined) this.#prefixes.put(key, () => this.#copyStep(first + i, row.length))
      row.length += counts[i]!
      this.#waiting.charge(row.client, { prompt: counts[i]! })
    })
    rows.forEach((row, i) => {
      if (row.length < row.request.promptTokenIds.length) return
      this.#take(row, logits.subarray(i * vocabSize, (i + 1) * vocabSize))
      this.#swap(this.#active.indexOf(row), this.#generating++)
    })
    this.#dropFinished()
  }

  /** The rows that read a step now, moved to the front of those that read. Of several with one beginning, the first reads it. */
  #chooseReaders(): Row[] {
    const first = this.#generating
    for (let row = first; row < this.#active.length; row++) this.#reuse(row)
    const keys = new Set<string>()
    let end = first
    for (let row = first; row < this.#active.length && end - first < PREFILL_ROWS; row++) {
      const key = nextKey(this.#active[row]!)
      if (key !== undefined && keys.has(key)) continue
      if (key !== undefined) keys.add(key)
      this.#swap(row, end++)
    }
    return this.#active.slice(first, end)
  }

  /** Takes over the steps of a prompt that were read before. */
  #reuse(place: number): void {
    const row = this.#active[place]!
    for (;;) {
      const key = nextKey(row)
      const step = key === undefined ? undefined : this.#prefixes.get(key)
      if (step === undefined) return
      const lengths = this.#active.map(({ length }) => length)
      this.#rows.cache.fit(Math.max(...lengths, row.length + PREFILL_TOKENS), lengths)
      const entry = { row: place, source: 0, length: row.length, count: PREFILL_TOKENS }
      step.forEach((part, i) => {
        this.#rows.cache.append(i % 2 === 0 ? 'key' : 'value', i >> 1, part, PREFILL_TOKENS, entry)
      })
      row.length += PREFILL_TOKENS
      this.reusedTokens += PREFILL_TOKENS
    }
  }

  #copyStep(place: number, start: number): PrefixStep {
    const layers = Array.from({ length: this.#model.config.layers }, (_, layer) => layer)
    return layers.flatMap((layer) =>
      (['key', 'value'] as const).map((kind) => this.#rows.cache.copy(kind, layer, place, start, PREFILL_TOKENS)),
    )
  }

  async #generate(): Promise<void> {
    const rows = this.#active.slice(0, this.#generating)
    const tokenIds = Int32Array.from(rows, ({ answer }) => answer.tokenIds.at(-1)!)
    const logits = await this.#step(
      0,
      rows,
      tokenIds,
      rows.map(() => 1),
    )
    const vocabSize = this.#model.config.vocabSize
    rows.forEach((row, i) => {
      row.length++
      this.#take(row, logits.subarray(i * vocabSize, (i + 1) * vocabSize))
    })
    this.#dropFinished()
  }

  #step(first: number, rows: readonly Row[], tokenIds: Int32Array, counts: number[]): Promise<Float32Array> {
    const lengths = this.#active.map(({ length }) => length)
    const longest = Math.max(...lengths, ...rows.map(({ length }, i) => length + counts[i]!))
    this.#rows.cache.fit(longest, lengths)
    return this.#model.step(this.#rows, { first, tokenIds, counts, lengths: rows.map(({ length }) => length) })
  }

  /** Chooses the next token of a row from its logits [vocab]. */
  #take(row: Row, logits: Float32Array): void {
    const { answer, chooser, client, listener, logprobs } = row
    const tokenId = chooser.choose(logits)
    const own = chooser.logprobs(logits, tokenId)
    if (own !== undefined) logprobs?.push(own)
    chooser.push(tokenId)
    const text = answer.push(tokenId)
    if (answer.tokenIds.length === 1) row.firstTokenMs = performance.now()
    this.#waiting.charge(client, { answer: 1 })
    if (row.isCancelled) answer.cancel()
    if (text === '') return
    const from = row.shownTokens
    row.shownTokens = answer.tokenIds.length
    listener.piece({
      text,
      tokenIds: answer.tokenIds.slice(from),
      ...(logprobs !== null && { logprobs: logprobs.slice(from) }),
    })
  }

  #dropFinished(): void {
    for (let row = this.#generating - 1; row >= 0; row--) {
      const { admittedMs, answer, arrivedMs, firstTokenMs, listener, logprobs } = this.#active[row]!
      if (answer.finishReason === undefined) continue
      this.#swap(row, --this.#generating)
      this.#swap(this.#generating, this.#active.length - 1)
      this.#active.pop()
      const { finishReason, text, tokenIds } = answer
      listener.done(
        { tokenIds, text, finishReason, ...(logprobs !== null && { logprobs }) },
        {
          waitedMs: admittedMs - arrivedMs,
          firstTokenMs: firstTokenMs - arrivedMs,
          restMs: performance.now() - firstTokenMs,
        },
      )
    }
  }

  #swap(a: number, b: number): void {
    if (a === b) return
    this.#rows.cache.swap(a, b)
    this.#rows.adapters.swap(a, b)
    const kept = this.#active[a]!
    this.#active[a] = this.#active[b]!
    this.#active[b] = kept
  }
}

/** The name of the whole step that a row reads next; undefined for the step of the prompt's last token. */
function nextKey({ length, prefixKeys }: Row): string | undefined {
  return prefixKeys[length / PREFILL_TOKENS]
}

type Row = {
  request: AnswerRequest
  listener: GenerationBatch.Listener
  client: string
  /** The most that it will hold in the cache. */
  tokens: number
  arrivedMs: number
  admittedMs: number
  firstTokenMs: number
  /** Waits no longer than this to be admitted. */
  leavesMs: number
  isCancelled: boolean
  /** Tokens in the cache. */
  length: number
  prefixKeys: readonly string[]
  answer: Answer
  chooser: TokenChooser
  logprobs: TokenLogprobs[] | null
  /** Tokens that the listener knows of. */
  shownTokens: number
}

/** How tokens spell text. */
export type Spelling = {
  decode(tokenIds: readonly number[]): string
  /** Tokens that end a text. */
  endIds: readonly number[]
  /** @param jsonSchema as JSON */
  constraintOf(jsonSchema: string): Constraint
}

/** Text that is final, and the tokens since the piece before; one token may end within it. */
export type Piece = { text: string; tokenIds: number[]; logprobs?: TokenLogprobs[] }

/** From its arrival: until it was admitted, until its first token; and from there to its end. */
export type Timing = { waitedMs: number; firstTokenMs: number; restMs: number }

export declare namespace GenerationBatch {
  type Options = {
    maxRows: number
    /** Tokens, prompts and whole answers, that the rows together may come to hold. */
    maxTokens?: number
    /** Memory for beginnings of prompts; 0, or left out, reads every prompt. */
    prefixBytes?: number
    adapterOf(key: string): Adapter
    spelling: Spelling
  }
  type Listener = {
    piece(piece: Piece): void
    done(generation: Generation, timing: Timing): void
    failed(error: unknown): void
  }
  type Terms = {
    /** Whose share of the tokens it counts to. */
    client?: string
    /** How long it may wait to be begun. */
    patienceMs?: number
  }
}

function cancelled(): OpenLedgerError {
  return new OpenLedgerError('request.cancelled', 'The request was taken back before it began.', {
    nextStep: 'Ask again when you want the answer.',
  })
}

function waitedTooLong(waitedMs: number): OpenLedgerError {
  return new OpenLedgerError('request.waited_too_long', 'The node had no room for the request in time.', {
    facts: { waitedMs: Math.round(waitedMs) },
    nextStep: 'Ask again in a while, or ask another node. Nothing was charged.',
    retryable: true,
  })
}
