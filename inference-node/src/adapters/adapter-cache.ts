import type { Adapter } from '@openledger/language-model'

/**
 * The adapters that are in the engine's memory: loaded when first asked for, the least recently used given up when the
 * memory is full. One that a request holds stays, even above the budget: a request that was paid for is served.
 */
export class AdapterCache {
  readonly #options: AdapterCache.Options
  /** In the order of their last use, oldest first. */
  readonly #entries = new Map<string, Entry>()
  #bytes = 0
  #hits = 0
  #misses = 0

  constructor(options: AdapterCache.Options) {
    this.#options = options
  }

  get stats(): AdapterCache.Stats {
    return { adapters: this.#entries.size, bytes: this.#bytes, hits: this.#hits, misses: this.#misses }
  }

  has(key: string): boolean {
    return (this.#entries.get(key)?.bytes ?? 0) > 0
  }

  /**
   * Gives an adapter up as soon as nobody holds it. Who holds it is not disturbed.
   * @returns when it is out of the engine; at once if it was not in it
   */
  async drop(key: string): Promise<void> {
    const entry = this.#entries.get(key)
    if (entry === undefined) return
    entry.isUnwanted = true
    this.#shrink()
    await entry.gone.promise
  }

  /** Makes sure that the adapter is in the engine, and holds it there until `release` is called. */
  async acquire(key: string): Promise<{ release(): void }> {
    const known = this.#entries.get(key)
    if (known === undefined) this.#misses++
    else this.#hits++
    const entry = known ?? this.#begin(key)
    this.#entries.delete(key)
    this.#entries.set(key, entry)
    if (entry.isUnwanted) {
      // Whoever waits for it to go has been overruled.
      entry.isUnwanted = false
      entry.gone.resolve()
      entry.gone = Promise.withResolvers()
    }
    entry.holders++
    try {
      await entry.loaded
    } catch (error) {
      entry.holders--
      throw error
    }
    let isHeld = true
    return {
      release: () => {
        if (!isHeld) return
        isHeld = false
        entry.holders--
        this.#shrink()
      },
    }
  }

  #begin(key: string): Entry {
    const loaded = Promise.resolve()
    const entry: Entry = { holders: 0, bytes: 0, isUnwanted: false, loaded, gone: Promise.withResolvers() }
    entry.loaded = this.#load(key, entry).catch((error) => {
      // The next request tries again.
      this.#entries.delete(key)
      entry.gone.resolve()
      throw error
    })
    return entry
  }

  async #load(key: string, entry: Entry): Promise<void> {
    const adapter = await this.#options.open(key)
    entry.bytes = this.#options.load(key, adapter)
    this.#bytes += entry.bytes
    this.#shrink()
  }

  #shrink(): void {
    for (const [key, { bytes, gone, holders, isUnwanted }] of this.#entries) {
      if (holders > 0 || bytes === 0) continue
      if (!isUnwanted && this.#bytes <= this.#options.budgetBytes) continue
      this.#entries.delete(key)
      this.#bytes -= bytes
      this.#options.unload(key)
      gone.resolve()
    }
  }
}

type Entry = {
  holders: number
  /** 0 while it is loaded. */
  bytes: number
  loaded: Promise<void>
  /** To be given up whatever the budget. */
  isUnwanted: boolean
  /** Ends when it was given up. */
  gone: PromiseWithResolvers<void>
}

export declare namespace AdapterCache {
  type Options = {
    budgetBytes: number
    /** Fetches and checks an adapter. */
    open(key: string): Promise<Adapter>
    /** Puts it into the engine's memory, and says how many bytes it takes there. */
    load(key: string, adapter: Adapter): number
    /** Takes it out. */
    unload(key: string): void
  }
  type Stats = { adapters: number; bytes: number; hits: number; misses: number }
}
