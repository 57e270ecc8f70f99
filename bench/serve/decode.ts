import type { Adapter } from '@openledger/language-model'
import type { ServingModel } from '../../inference-node/src/engine/serving-model.ts'
import { cpuSeconds } from './serve-requests.ts'
import { CONFIG } from './workload.ts'

const ROWS = 32
const PROMPT_TOKENS = 32
const STEPS = 16

/** A batch of 32 rows, each with another adapter (none: the base), that generates. */
export class Decoding {
  readonly #model: ServingModel
  readonly #adapterOf: ((row: number) => Adapter) | null

  constructor(model: ServingModel, adapterOf: ((row: number) => Adapter) | null) {
    this.#model = model
    this.#adapterOf = adapterOf
  }

  /** @returns processor time of one token of all rows, in seconds */
  async stepCpuS(): Promise<number> {
    const rows = this.#model.rows(ROWS)
    for (let row = 0; row < ROWS; row++) {
      if (this.#adapterOf !== null) rows.adapters.fill(row, String(row), this.#adapterOf(row))
    }
    const all = <T>(value: T) => new Array<T>(ROWS).fill(value)
    rows.cache.fit(PROMPT_TOKENS + STEPS, all(0))
    const prompt = Int32Array.from({ length: ROWS * PROMPT_TOKENS }, (_, i) => (i * 131) % CONFIG.vocabSize)
    await this.#model.step(rows, { first: 0, tokenIds: prompt, counts: all(PROMPT_TOKENS), lengths: all(0) })
    const tokenIds = new Int32Array(ROWS).fill(7)
    const beganS = cpuSeconds()
    for (let i = 0; i < STEPS; i++) {
      await this.#model.step(rows, { first: 0, tokenIds, counts: all(1), lengths: all(PROMPT_TOKENS + i) })
    }
    return (cpuSeconds() - beganS) / STEPS
  }
}
