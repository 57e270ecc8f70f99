/** What the api reads from. */
export type Source = 'index' | 'engine' | 'content' | 'chain' | 'node' | 'factory'

/** After a source failed to answer, nobody waits for it again for so long: a wait each would pile up. */
const REST_MS = 1_000

type State = { isDown: boolean; lastGoodBlock: number | null; failedAtMs: number }

/** What the process knows about its sources: which do not answer, and the block of the last answer that had them. */
export class Outages {
  readonly #states = new Map<Source, State>()
  readonly #now: () => number

  constructor(now: () => number = Date.now) {
    this.#now = now
  }

  worked(source: Source, block: number | null): void {
    const state = this.#state(source)
    state.isDown = false
    if (block !== null) state.lastGoodBlock = Math.max(block, state.lastGoodBlock ?? 0)
  }

  failed(source: Source): void {
    const state = this.#state(source)
    state.isDown = true
    state.failedAtMs = this.#now()
  }

  /** Whether it failed so shortly ago that asking again would only mean waiting again. */
  isResting(source: Source): boolean {
    const { isDown, failedAtMs } = this.#state(source)
    return isDown && this.#now() - failedAtMs < REST_MS
  }

  /** Block of the newest answer that had this source; null when none had since the start. */
  lastGoodBlock(source: Source): number | null {
    return this.#state(source).lastGoodBlock
  }

  #state(source: Source): State {
    let state = this.#states.get(source)
    if (state === undefined) {
      state = { isDown: false, lastGoodBlock: null, failedAtMs: 0 }
      this.#states.set(source, state)
    }
    return state
  }
}
