import { createHash } from 'node:crypto'
import {
  buildServingGraph,
  floats,
  floatsOf,
  integers,
  type ModelConfig,
  type ModelWeights,
  openSession,
} from '@openledger/language-model'
import type { Digest } from '@openledger/protocol'
import type { InferenceSession, Tensor } from 'onnxruntime-node'
import { type AdapterShape, AdapterSlots } from './adapter-slots.ts'
import { KvCache } from './kv-cache.ts'

/**
 * Prompts go through the model in steps of exactly so many tokens, the last one filled up. A step of a fixed size makes
 * a prompt's sums independent of how long the other prompts of the batch are.
 */
export const PREFILL_TOKENS = 32

/** A base model in ONNX Runtime: one session to generate; others, opened when first needed, to audit and to embed. */
export class ServingModel {
  readonly config: ModelConfig
  readonly shape: AdapterShape
  /** sha2-256 of the graph that generates, the base's weights included. */
  readonly graphDigest: Digest
  readonly #last: InferenceSession
  readonly #openOther: ServingModel.Parts['openOther']
  #all: Promise<InferenceSession> | undefined
  #hidden: Promise<InferenceSession> | undefined

  private constructor(parts: ServingModel.Parts) {
    this.config = parts.config
    this.shape = parts.shape
    this.graphDigest = parts.graphDigest
    this.#last = parts.last
    this.#openOther = parts.openOther
  }

  static async open({ config, shape, threads, weights }: ServingModel.Source): Promise<ServingModel> {
    const graph = buildServingGraph(config, weights, { ...shape, logits: 'last' })
    return new ServingModel({
      config,
      shape,
      graphDigest: `0x${createHash('sha256').update(graph).digest('hex')}`,
      last: await openSession(graph, { threads }),
      openOther: (logits) => openSession(buildServingGraph(config, weights, { ...shape, logits }), { threads }),
    })
  }

  rows(maxRows: number): ServingRows {
    return { cache: new KvCache(this.config, maxRows), adapters: new AdapterSlots(this.config, this.shape, maxRows) }
  }

  /**
   * Runs the rows from `first` over their new tokens and appends these to the cache.
   * @returns the logits of each row's last real token: [rows, vocab]
   */
  async step(rows: ServingRows, step: ServingModel.Step): Promise<Float32Array> {
    const last = integers(
      Int32Array.from(step.counts, (count) => count - 1),
      [step.counts.length],
    )
    const outputs = await this.#last.run({ ...this.#feeds(rows, step), last_positions: last })
    this.#append(rows, step, outputs)
    return floatsOf(outputs, 'logits')
  }

  /** Like `step`, but returns the logits of every new token: [rows, tokens, vocab]. */
  async stepAll(rows: ServingRows, step: ServingModel.Step): Promise<Float32Array> {
    this.#all ??= this.#openOther('all')
    const session = await this.#all
    const outputs = await session.run(this.#feeds(rows, step))
    this.#append(rows, step, outputs)
    return floatsOf(outputs, 'logits')
  }

  /** Like `step`, but returns the hidden states of every new token: [rows, tokens, hidden]. */
  async stepHidden(rows: ServingRows, step: ServingModel.Step): Promise<Float32Array> {
    this.#hidden ??= this.#openOther('none')
    const session = await this.#hidden
    const outputs = await session.run(this.#feeds(rows, step))
    this.#append(rows, step, outputs)
    return floatsOf(outputs, 'hidden')
  }

  async close(): Promise<void> {
    await this.#last.release()
    await (await this.#hidden)?.release()
    await (await this.#all)?.release()
  }

  #feeds({ adapters, cache }: ServingRows, { counts, first, lengths, tokenIds }: ServingModel.Step) {
    const count = counts.length
    const { headDim, kvHeads, layers } = this.config
    const feeds: Record<string, Tensor> = {
      input_ids: integers(tokenIds, [count, tokenIds.length / count]),
      past_lengths: integers(Int32Array.from(lengths), [count]),
    }
    for (let layer = 0; layer < layers; layer++) {
      for (const kind of ['key', 'value'] as const) {
        const view = cache.view(kind, layer, first, count)
        feeds[`past_${kind}.${layer}`] = floats(view, [count, kvHeads, cache.slots, headDim])
      }
    }
    for (const { name, values, dims } of adapters.views(first, count)) feeds[name] = floats(values, dims)
    return feeds
  }

  #append({ cache }: ServingRows, step: ServingModel.Step, outputs: InferenceSession.OnnxValueMapType): void {
    const { counts, first, lengths, tokenIds } = step
    for (let layer = 0; layer < this.config.layers; layer++) {
      for (const kind of ['key', 'value'] as const) {
        const fresh = floatsOf(outputs, `new_${kind}.${layer}`)
        counts.forEach((count, source) => {
          const entry = { row: first + source, source, length: lengths[source]!, count }
          cache.append(kind, layer, fresh, tokenIds.length / counts.length, entry)
        })
      }
    }
  }
}

/** What belongs to the rows of one batch: only the thread that runs the model touches it. */
export type ServingRows = { cache: KvCache; adapters: AdapterSlots }

export declare namespace ServingModel {
  type Source = { config: ModelConfig; weights: ModelWeights; shape: AdapterShape; threads: number }
  type Parts = {
    config: ModelConfig
    shape: AdapterShape
    graphDigest: Digest
    last: InferenceSession
    openOther(logits: 'all' | 'none'): Promise<InferenceSession>
  }
  type Step = {
    /** First row of the batch that takes part; the rows that follow it take part too. */
    first: number
    /** [rows, tokens], shorter rows filled up */
    tokenIds: Int32Array
    /** Real new tokens of each row. */
    counts: readonly number[]
    /** Tokens of each row in the cache. */
    lengths: readonly number[]
  }
}
