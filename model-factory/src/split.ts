import { createHash } from 'node:crypto'

export type Split = 'train' | 'validation'

/**
 * Which records validate: those whose hashed digest falls into the lowest `validationShare`. A record keeps its side
 * whatever else is in the Datanet, so that adding records never turns training data into validation data.
 *
 * Where chance gives one side nothing, the record nearest to the border changes over, for both are needed.
 *
 * @param digests at least two
 */
export function splitRecords(digests: readonly string[], validationShare: number): Split[] {
  const places = digests.map(placeOf)
  const splits = places.map((place): Split => (place < validationShare ? 'validation' : 'train'))
  const lacking = (['validation', 'train'] as const).find((side) => !splits.includes(side))
  if (lacking !== undefined) {
    const nearest = lacking === 'validation' ? Math.min(...places) : Math.max(...places)
    splits[places.indexOf(nearest)] = lacking
  }
  return splits
}

/** A number in [0, 1) that the digest alone decides; hashed again, so that nobody mines digests for one side cheaply. */
function placeOf(digest: string): number {
  return createHash('sha256').update(`openledger/split@1 ${digest}`).digest().readUInt32BE(0) / 2 ** 32
}
