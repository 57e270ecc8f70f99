/**
 * Requests that wait, taken so that every client gets its share of tokens, however many requests it sends.
 *
 * Each client has a counter of the service that it had: prompt tokens, and answer tokens at twice their weight. The next
 * request is the oldest of the client that had the least. A client that comes back after a pause is lifted to the least
 * of those who wait: one cannot save up service by being away, nor lose any by having been served alone.
 *
 * Free of starvation: a waiting client's counter stands still while others' grow, so it becomes the least; and what does
 * not fit now is waited for, never passed.
 *
 * @see Sheng et al. 2024, "Fairness in Serving Large Language Models", arXiv:2401.00588 (virtual token counter)
 */
export class FairQueue<T extends { readonly client: string }> {
  readonly #waiting = new Map<string, T[]>()
  readonly #served = new Map<string, number>()
  /** Where a client begins when nobody waits: what the last one taken had. */
  #level = 0
  #size = 0

  get size(): number {
    return this.#size
  }

  add(item: T): void {
    const { client } = item
    const own = this.#waiting.get(client)
    this.#size++
    if (own !== undefined) {
      own.push(item)
      return
    }
    const counters = [...this.#waiting.keys()].map((other) => this.#servedTo(other))
    const level = counters.length === 0 ? this.#level : Math.min(...counters)
    this.#served.set(client, Math.max(this.#servedTo(client), level))
    this.#waiting.set(client, [item])
  }

  /** The next in turn, if it fits; else nobody: a large request would wait for ever if small ones could pass it. */
  take(fits: (item: T) => boolean): T | undefined {
    let next: string | undefined
    for (const client of this.#waiting.keys()) {
      if (next === undefined || this.#servedTo(client) < this.#servedTo(next)) next = client
    }
    if (next === undefined) return undefined
    const item = this.#waiting.get(next)![0]!
    if (!fits(item)) return undefined
    this.#level = this.#servedTo(next)
    this.#drop(item)
    return item
  }

  /** Removes those for which `isGone` holds, and returns them. */
  sweep(isGone: (item: T) => boolean): T[] {
    const gone = [...this.#waiting.values()].flat().filter(isGone)
    for (const item of gone) this.#drop(item)
    return gone
  }

  /** Books service that a client had. */
  charge(client: string, tokens: Partial<Record<'prompt' | 'answer', number>>): void {
    const { answer = 0, prompt = 0 } = tokens
    this.#served.set(client, this.#servedTo(client) + prompt + ANSWER_WEIGHT * answer)
    if (this.#served.size > MAX_CLIENTS) this.#forget()
  }

  #servedTo(client: string): number {
    return this.#served.get(client) ?? 0
  }

  #drop(item: T): void {
    const own = this.#waiting.get(item.client)!
    own.splice(own.indexOf(item), 1)
    this.#size--
    if (own.length === 0) this.#waiting.delete(item.client)
  }

  /** A counter below the level says nothing: its client would be lifted to it anyway. */
  #forget(): void {
    for (const [client, served] of this.#served) {
      if (served <= this.#level && !this.#waiting.has(client)) this.#served.delete(client)
    }
  }
}

/** A generated token costs a pass of its own, one of a prompt shares it: the weights of the paper. */
const ANSWER_WEIGHT = 2
const MAX_CLIENTS = 10_000
