const MAX_ANSWERS = 5_000

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
}
