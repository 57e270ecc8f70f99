import { createHash } from 'node:crypto'

/** Numbers that follow from a seed, so that a run that failed can be had again. */
export type Random = {
  /** A whole number from 0 up to `limit`, without it. */
  below(limit: number): number
  of<T>(choices: readonly T[]): T
}

export function seededRandom(seed: number): Random {
  let drawn = 0
  const below = (limit: number) => {
    drawn += 1
    return createHash('sha256').update(`${seed} ${drawn}`).digest().readUInt32LE() % limit
  }
  return { below, of: (choices) => choices[below(choices.length)]! }
}
