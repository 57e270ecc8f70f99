/** Seeded random numbers: the same seed gives the same numbers on every machine. */

export type Random = {
  /** The next number in [0, 1). */
  uniform(): number
  /** The next number of a standard normal distribution (Box–Muller). */
  normal(): number
  /** The next integer in [0, limit). */
  below(limit: number): number
  /** A new order of `items` (Fisher–Yates). */
  shuffle<T>(items: readonly T[]): T[]
}

/** mulberry32 (T. Ettinger, public domain): 32 bits of state; for weights and orders, never for secrets. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0
  const uniform = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let bits = Math.imul(state ^ (state >>> 15), state | 1)
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61)
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32
  }
  const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform())
  const below = (limit: number) => Math.floor(uniform() * limit)
  const shuffle = <T>(items: readonly T[]) => {
    const order = [...items]
    for (let i = order.length - 1; i > 0; i--) {
      const j = below(i + 1)
      ;[order[i], order[j]] = [order[j]!, order[i]!]
    }
    return order
  }
  return { uniform, normal, below, shuffle }
}
