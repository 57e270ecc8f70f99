/** A row is about a kilobyte. */
const MAX_ANSWERS = 20_000

/** What the index said about blocks that are past: the newest of it, for as long as there is room. */
export class KnownAnswers {
  readonly #answers = new Map<string, unknown>()
  readonly #max: number

  constructor(max = MAX_ANSWERS) {
    this.#max = max
  }

  /** @param key names block, question and all of its variables */
  async get<T>(key: string, read: () => Promise<T>): Promise<T> {
    if (this.#answers.has(key)) return this.#answers.get(key) as T
    // Kept when it is there, not while it is asked for: one who gives up must not fail the others.
    const answer = await read()
    this.#answers.set(key, answer)
    if (this.#answers.size > this.#max) this.#answers.delete(this.#answers.keys().next().value!)
    return answer
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
    const unknown = keys.filter((key) => !this.#answers.has(kind + key))
    // Taken before the wait, in which others may push them out.
    const found = new Map<string, T>()
    for (const key of keys) if (this.#answers.has(kind + key)) found.set(key, this.#answers.get(kind + key) as T)
    const answers = unknown.length === 0 ? [] : await read(unknown)
    for (const [i, key] of unknown.entries()) {
      found.set(key, answers[i] as T)
      this.#answers.set(kind + key, answers[i])
    }
    for (const oldest of this.#answers.keys()) {
      if (this.#answers.size <= this.#max) break
      this.#answers.delete(oldest)
    }
    return keys.map((key) => found.get(key) as T)
  }
}
