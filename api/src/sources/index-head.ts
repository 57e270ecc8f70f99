import { askIndex } from './subgraph.ts'

/** A block that answers are taken from. */
export type PinnedBlock = {
  number: number
  /** Null when the index does not know it. */
  hash: string | null
  /** Unix seconds; null when the index does not know it. */
  timestamp: number | null
  hasIndexingErrors: boolean
}

/** Requests that come within this time share one look at the index's newest block. */
const FRESH_MS = 100
const TIMEOUT_MS = 5_000

/** The newest block of the index, for all requests. */
export class IndexHead {
  readonly #url: string
  #reading: Promise<PinnedBlock> | undefined
  #readAtMs = 0

  constructor(url: string) {
    this.#url = url
  }

  /** @throws index.unavailable */
  read(): Promise<PinnedBlock> {
    if (this.#reading !== undefined && Date.now() - this.#readAtMs < FRESH_MS) return this.#reading
    this.#readAtMs = Date.now()
    const reading = askIndex<{ _meta: { block: Omit<PinnedBlock, 'hasIndexingErrors'>; hasIndexingErrors: boolean } }>(
      this.#url,
      '{ _meta { hasIndexingErrors block { number hash timestamp } } }',
      {},
      AbortSignal.timeout(TIMEOUT_MS),
    ).then(({ _meta }) => ({ ..._meta.block, hasIndexingErrors: _meta.hasIndexingErrors }))
    this.#reading = reading
    reading.catch(() => {
      if (this.#reading === reading) this.#reading = undefined
    })
    return reading
  }
}
