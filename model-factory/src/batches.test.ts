import { seededRandom } from '@openledger/language-model'
import { describe, expect, it } from 'vitest'
import { epochBatches, measuringBatches, predictedTokens } from './batches.ts'

const random = seededRandom(1)
const sequences = Array.from({ length: 37 }, (_, i) => [i, ...Array.from({ length: 1 + random.below(9) }, () => 50)])
const sum = (values: Iterable<number>) => [...values].reduce((total, value) => total + value, 0)
/** The first token of each row, which tells the sequences apart. */
const rowsOf = (batch: { rows: number; tokens: number; ids: Int32Array }) =>
  Array.from({ length: batch.rows }, (_, row) => batch.ids[row * batch.tokens]!)

describe('the batches of an epoch', () => {
  it('hold every sequence once, in another order for another draw', () => {
    const draw = () => epochBatches(sequences, 4, random).flatMap(rowsOf)
    const first = draw()
    expect(first.toSorted((a, b) => a - b)).toEqual(sequences.map(([id]) => id))
    expect(draw()).not.toEqual(first)
  })

  it('weigh every predicted token of a batch alike', () => {
    for (const { weights } of epochBatches(sequences, 4, random)) {
      const counted = weights.filter((weight) => weight > 0)
      expect(new Set(counted).size).toBe(1)
      expect(sum(counted)).toBeCloseTo(1, 5)
    }
  })
})

it('measuring weighs every predicted token of all sequences alike', () => {
  const weights = measuringBatches(sequences, 4).flatMap((batch) => [...batch.weights].filter((weight) => weight > 0))
  expect(weights).toHaveLength(predictedTokens(sequences))
  expect(sum(weights)).toBeCloseTo(1, 4)
})
