import type { ModelConfig } from '@openledger/language-model'
import { swapRows } from './swap-rows.ts'

/** The cache grows and shrinks by so many slots: fewer relayouts, and sums over it keep their order of additions. */
const BUCKET = 64

/**
 * Keys and values of the tokens that each row of the batch has seen. One array per layer and kind, [rows, kvHeads,
 * slots, headDim], all rows with the same number of slots: so any run of rows is one view, and the graph needs no copy.
 */
export class KvCache {
  readonly #config: ModelConfig
  readonly #maxRows: number
  #slots = BUCKET
  #keys: Float32Array[] // [layers] of [maxRows, kvHeads, slots, headDim]
  #values: Float32Array[]

  constructor(config: ModelConfig, maxRows: number) {
    this.#config = config
    this.#maxRows = maxRows
    this.#keys = this.#allocate(BUCKET)
    this.#values = this.#allocate(BUCKET)
  }

  get slots(): number {
    return this.#slots
  }

  /** Makes room for `longest` tokens in each row, or gives back what is no longer needed; keeps `lengths[row]` tokens. */
  fit(longest: number, lengths: readonly number[]): void {
    const slots = Math.max(1, Math.ceil(longest / BUCKET)) * BUCKET
    if (slots === this.#slots) return
    const [keys, values] = [this.#allocate(slots), this.#allocate(slots)]
    const { headDim, kvHeads, layers } = this.#config
    for (let layer = 0; layer < layers; layer++) {
      lengths.forEach((length, row) => {
        for (let head = row * kvHeads; head < (row + 1) * kvHeads; head++) {
          const from = head * this.#slots * headDim
          const kept = Math.min(length, slots) * headDim
          keys[layer]!.set(this.#keys[layer]!.subarray(from, from + kept), head * slots * headDim)
          values[layer]!.set(this.#values[layer]!.subarray(from, from + kept), head * slots * headDim)
        }
      })
    }
    this.#keys = keys
    this.#values = values
    this.#slots = slots
  }

  /** The rows from `first`, as the graph takes them: [count, kvHeads, slots, headDim]. */
  view(kind: 'key' | 'value', layer: number, first: number, count: number): Float32Array {
    const size = this.#rowSize()
    return this.#of(kind)[layer]!.subarray(first * size, (first + count) * size)
  }

  /**
   * Appends what the graph returned.
   * @param fresh   [rows, kvHeads, tokens, headDim]
   * @param row     row of the cache
   * @param source  row of `fresh`
   * @param length  tokens that the row has already
   * @param count   how many of the new tokens are real
   */
  append(kind: 'key' | 'value', layer: number, fresh: Float32Array, tokens: number, entry: KvCache.Entry): void {
    const { headDim, kvHeads } = this.#config
    const target = this.#of(kind)[layer]!
    for (let head = 0; head < kvHeads; head++) {
      const from = (entry.source * kvHeads + head) * tokens * headDim
      const to = ((entry.row * kvHeads + head) * this.#slots + entry.length) * headDim
      target.set(fresh.subarray(from, from + entry.count * headDim), to)
    }
  }

  /** The tokens `start` to `start + count` of a row, for another row to append: [kvHeads, count, headDim]. */
  copy(kind: 'key' | 'value', layer: number, row: number, start: number, count: number): Float32Array {
    const { headDim, kvHeads } = this.#config
    const source = this.#of(kind)[layer]!
    const copied = new Float32Array(kvHeads * count * headDim)
    for (let head = 0; head < kvHeads; head++) {
      const from = ((row * kvHeads + head) * this.#slots + start) * headDim
      copied.set(source.subarray(from, from + count * headDim), head * count * headDim)
    }
    return copied
  }

  swap(a: number, b: number): void {
    const size = this.#rowSize()
    for (const array of [...this.#keys, ...this.#values]) swapRows(array, size, a, b)
  }

  #of(kind: 'key' | 'value'): Float32Array[] {
    return kind === 'key' ? this.#keys : this.#values
  }

  #rowSize(): number {
    return this.#config.kvHeads * this.#slots * this.#config.headDim
  }

  #allocate(slots: number): Float32Array[] {
    const { headDim, kvHeads, layers } = this.#config
    return Array.from({ length: layers }, () => new Float32Array(this.#maxRows * kvHeads * slots * headDim))
  }
}

export declare namespace KvCache {
  type Entry = { row: number; source: number; length: number; count: number }
}
