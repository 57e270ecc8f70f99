/** A row is about a kilobyte. */
const MAX_ANSWERS = 20_000

/**
 * What the index said about blocks that are past: the newest of it, for as long as there is room. What somebody is
 * asking already is waited for, or with each new block all requests would ask the same at once.
 */
export class KnownAnswers {
  readonly #answers = new Map<string, unknown>()
  readonly #asked = new Map<string, Promise<unknown>>()
  readonly #max: number

  constructor(max = MAX_ANSWERS) {
    this.#max = max
  }

  /** @param key names block, question and all of its variables */
  async get<T>(key: string, read: () => Promise<T>): Promise<T> {
    const [answer] = await this.getMany('', [key], async () => [await read()])
    return answer as T
  }

  /**
   * The same for things that are asked for by key, many at a time: only those that are not known are asked for.
   * @param kind names block and kind; @param read gives them in the order of its keys
   */
  async getMany<T>(
    kind: string,
    keys: readonly string[],
    read: (keys: readonly string[]) => Promise<readonly T[]>,
  ): Promise<T[]> {
    // Taken before the wait, in which others may push them out.
    const found = new Map<string, T>()
    const waited: [string, Promise<unknown>][] = []
    const unknown: string[] = []
    for (const key of new Set(keys)) {
      const asked = this.#asked.get(kind + key)
      if (this.#answers.has(kind + key)) found.set(key, this.#answers.get(kind + key) as T)
      else if (asked !== undefined) waited.push([key, asked])
      else unknown.push(key)
    }
    const ask = async (missing: readonly string[]) => {
      if (missing.length === 0) return
      for (const [key, answer] of await this.#ask(kind, missing, read)) found.set(key, answer)
    }
    const failed: string[] = []
    const wait = async ([key, asked]: [string, Promise<unknown>]) => {
      try {
        found.set(key, (await asked) as T)
      } catch {
        failed.push(key)
      }
    }
    await Promise.all([ask(unknown), ...waited.map(wait)])
    // One who gives up must not fail the others: what another did not get is asked for here.
    await ask(failed)
    return keys.map((key) => found.get(key) as T)
  }

  async #ask<T>(
    kind: string,
    keys: readonly string[],
    read: (keys: readonly string[]) => Promise<readonly T[]>,
  ): Promise<[string, T][]> {
    const answers = read(keys)
    for (const [i, key] of keys.entries()) {
      const asked = answers.then((all) => all[i])
      // Whoever waits for it hears of its failure; where nobody does, that is no fault of the process.
      asked.catch(() => {})
      this.#asked.set(kind + key, asked)
    }
    try {
      const all = await answers
      for (const [i, key] of keys.entries()) this.#answers.set(kind + key, all[i])
      for (const oldest of this.#answers.keys()) {
        if (this.#answers.size <= this.#max) break
        this.#answers.delete(oldest)
      }
      return keys.map((key, i) => [key, all[i] as T])
    } finally {
      for (const key of keys) this.#asked.delete(kind + key)
    }
  }
}
