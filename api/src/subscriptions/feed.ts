import { askIndex } from '../sources/subgraph.ts'

/** How often the index is asked, once for all subscribers. */
const POLL_MS = 1_000
/** A subscriber that does not read keeps this many events at most; then it is told to come again. */
const MAX_WAITING = 100

export type BlockEvent = { number: number; hash: string | null; timestamp: number | null }

/** New blocks of the index, for any number of subscribers, asked for only while there is one. */
export class BlockFeed {
  readonly #url: string
  readonly #subscribers = new Set<(block: BlockEvent) => void>()
  #timer: NodeJS.Timeout | undefined
  #last: number | null = null

  constructor(subgraphUrl: string) {
    this.#url = subgraphUrl
  }

  /** Each new block from now on; when several came since, the newest of them. */
  async *blocks(signal: AbortSignal): AsyncGenerator<BlockEvent> {
    const waiting: BlockEvent[] = []
    let wake = () => {}
    const receive = (block: BlockEvent) => {
      waiting.push(block)
      if (waiting.length > MAX_WAITING) waiting.shift()
      wake()
    }
    const stop = () => wake()
    this.#subscribers.add(receive)
    signal.addEventListener('abort', stop)
    this.#start()
    try {
      while (!signal.aborted) {
        const next = waiting.shift()
        if (next !== undefined) yield next
        else
          await new Promise<void>((done) => {
            wake = done
          })
      }
    } finally {
      signal.removeEventListener('abort', stop)
      this.#subscribers.delete(receive)
      if (this.#subscribers.size === 0) this.stop()
    }
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #start(): void {
    if (this.#timer !== undefined) return
    const poll = async () => {
      const block = await this.#newest()
      if (block !== null && block.number !== this.#last) {
        const isFirst = this.#last === null
        this.#last = block.number
        if (!isFirst) for (const receive of this.#subscribers) receive(block)
      }
      if (this.#subscribers.size > 0) this.#timer = setTimeout(poll, POLL_MS)
    }
    this.#timer = setTimeout(poll, 0)
  }

  /** Null while the index does not answer: subscribers wait, and hear of the next block when it is back. */
  async #newest(): Promise<BlockEvent | null> {
    try {
      const query = '{ _meta { block { number hash timestamp } } }'
      const { _meta } = await askIndex<{ _meta: { block: BlockEvent } }>(
        this.#url,
        query,
        {},
        AbortSignal.timeout(5_000),
      )
      return _meta.block
    } catch {
      return null
    }
  }
}
