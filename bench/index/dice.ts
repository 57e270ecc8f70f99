/** Draws that come the same in every run: mulberry32, 32 bits of state, good enough to choose who acts. */
export class Dice {
  #state: number

  constructor(seed: number) {
    this.#state = seed
  }

  /** Uniform in [0, 1). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }

  /** An integer from 0 to `count` - 1. */
  below(count: number): number {
    return Math.floor(this.next() * count)
  }

  /** The same, but small ones come more often: half of all draws fall on the first quarter. */
  skewed(count: number): number {
    return Math.floor(this.next() ** 2 * count)
  }

  /** `count` different ones. */
  draw<T>(list: readonly T[], count: number): T[] {
    const chosen = new Set<T>()
    while (chosen.size < count) chosen.add(list[this.skewed(list.length)]!)
    return [...chosen]
  }

  shuffle(list: unknown[]): void {
    for (let i = list.length - 1; i > 0; i--) {
      const j = this.below(i + 1)
      ;[list[i], list[j]] = [list[j], list[i]]
    }
  }
}
