import {
  type Adapter,
  type AdapterInput,
  emptyAdapterRows,
  loadAdapterRow,
  type ModelConfig,
  type ServingGraphOptions,
} from '@openledger/language-model'
import { swapRows } from './swap-rows.ts'

export type AdapterShape = Pick<ServingGraphOptions, 'rank' | 'targets'>

/** The adapter of each row of the batch, as the serving graph takes it. Any mix goes through one run; a row of zeros is the base. */
export class AdapterSlots {
  readonly #config: ModelConfig
  readonly #shape: AdapterShape
  readonly #inputs: Map<string, AdapterInput>
  /** Which adapter lies in each row; null is the base. A row that keeps its adapter is not copied again. */
  readonly #occupants: (string | null)[]

  constructor(config: ModelConfig, shape: AdapterShape, maxRows: number) {
    this.#config = config
    this.#shape = shape
    this.#inputs = emptyAdapterRows(config, shape, maxRows)
    this.#occupants = new Array<string | null>(maxRows).fill(null)
  }

  /**
   * Puts an adapter (null: the base) into a row.
   * @param key names the adapter's content
   * @throws adapter.config-unsupported when the graph has no room for its rank or targets
   */
  fill(row: number, key: string | null, adapter: Adapter | null): void {
    if (this.#occupants[row] === key) return
    this.#occupants[row] = null
    loadAdapterRow(this.#config, this.#shape, this.#inputs, row, adapter ?? undefined)
    this.#occupants[row] = key
  }

  /** The rows from `first` of every matrix: [count, in, rank] and [count, rank, out]. */
  *views(first: number, count: number): Generator<{ name: string; values: Float32Array; dims: number[] }> {
    for (const [name, { values, dims }] of this.#inputs) {
      const size = dims[1] * dims[2]
      yield { name, values: values.subarray(first * size, (first + count) * size), dims: [count, dims[1], dims[2]] }
    }
  }

  swap(a: number, b: number): void {
    const [occupantA, occupantB] = [this.#occupants[a]!, this.#occupants[b]!]
    if (occupantA === occupantB) return
    for (const { values, dims } of this.#inputs.values()) swapRows(values, dims[1] * dims[2], a, b)
    this.#occupants[a] = occupantB
    this.#occupants[b] = occupantA
  }
}
