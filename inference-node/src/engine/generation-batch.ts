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
import { Answer } from './answer.ts'
import type { AnswerRequest, Generation } from './request.ts'
import { sampleToken } from './sample-token.ts'
import { PREFILL_TOKENS, type ServingModel, type ServingRows } from './serving-model.ts'

/** Prompts that are read in one step: more would make the answers under way wait for them. */
const PREFILL_ROWS = 8

export class GenerationBatch {
  readonly #model: ServingModel
  readonly #adapterOf: (key: string) => Adapter
  readonly #limits: Omit<Answer.Limits, 'maxTokens' | 'stop'>
  readonly #maxRows: number
  readonly #rows: ServingRows
  readonly #waiting: Row[] = []
  /** The first `#generating` have read their prompt. */
  readonly #active: Row[] = []
  #generating = 0

  constructor(model: ServingModel, options: GenerationBatch.Options) {
    this.#model = model
    this.#adapterOf = options.adapterOf
    this.#limits = options.limits
    this.#maxRows = options.maxRows
    this.#rows = model.rows(options.maxRows)
  }

  get activeRows(): number {
    return this.#active.length
  }

  get waitingRows(): number {
    return this.#waiting.length
  }

  add(request: AnswerRequest, listener: GenerationBatch.Listener): void {
    const { maxTokens, stop } = request
    this.#waiting.push({
      request,
      listener,
      length: 0,
      answer: new Answer({ ...this.#limits, maxTokens, stop }),
    })
  }

  /** Takes a request back that has not begun; false when it has. */
  remove(listener: GenerationBatch.Listener): boolean {
    const place = this.#waiting.findIndex((row) => row.listener === listener)
    if (place !== -1) this.#waiting.splice(place, 1)
    return place !== -1
  }

  /** One turn of all rows. Resolves to whether there is more to do. */
  async turn(): Promise<boolean> {
    this.#admit()
    if (this.#active.length > this.#generating) await this.#readPrompts()
    if (this.#generating > 0) await this.#generate()
    return this.#active.length + this.#waiting.length > 0
  }

  #admit(): void {
    while (this.#active.length < this.#maxRows && this.#waiting.length > 0) {
      const row = this.#waiting.shift()!
      const { adapterKey } = row.request
      try {
        const adapter = adapterKey === null ? null : this.#adapterOf(adapterKey)
        this.#rows.adapters.fill(this.#active.length, adapterKey, adapter)
        this.#active.push(row)
      } catch (error) {
        row.listener.failed(error)
      }
    }
  }

  async #readPrompts(): Promise<void> {
    const first = this.#generating
    const rows = this.#active.slice(first, first + PREFILL_ROWS)
    const tokenIds = new Int32Array(rows.length * PREFILL_TOKENS)
    const counts = rows.map(({ length, request }, i) => {
      const part = request.promptTokenIds.slice(length, length + PREFILL_TOKENS)
      tokenIds.set(part, i * PREFILL_TOKENS)
      return part.length
    })
    const logits = await this.#step(first, rows, tokenIds, counts)
    const vocabSize = this.#model.config.vocabSize
    rows.forEach((row, i) => {
      row.length += counts[i]!
      if (row.length === row.request.promptTokenIds.length) {
        this.#take(row, logits.subarray(i * vocabSize, (i + 1) * vocabSize))
        this.#swap(this.#active.indexOf(row), this.#generating++)
      }
    })
    this.#dropFinished()
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

  /** Samples the next token of a row from its logits [vocab]. */
  #take({ answer, listener, request }: Row, logits: Float32Array): void {
    const text = answer.push(sampleToken(logits, answer.tokenIds.length, request.sampling))
    if (text !== '') listener.text(text)
  }

  #dropFinished(): void {
    for (let row = this.#generating - 1; row >= 0; row--) {
      const { answer, listener } = this.#active[row]!
      if (answer.finishReason === undefined) continue
      this.#swap(row, --this.#generating)
      this.#swap(this.#generating, this.#active.length - 1)
      this.#active.pop()
      listener.done({ tokenIds: answer.tokenIds, text: answer.text, finishReason: answer.finishReason })
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

type Row = {
  request: AnswerRequest
  listener: GenerationBatch.Listener
  /** Tokens in the cache. */
  length: number
  answer: Answer
}

export declare namespace GenerationBatch {
  type Options = {
    maxRows: number
    adapterOf(key: string): Adapter
    limits: Omit<Answer.Limits, 'maxTokens' | 'stop'>
  }
  type Listener = {
    text(text: string): void
    done(generation: Generation): void
    failed(error: unknown): void
  }
}
