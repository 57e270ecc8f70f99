import { seededRandom } from '@openledger/language-model'
import { describe, expect, it } from 'vitest'
import { epochBatches, layRows, measuringBatches, predictedTokens } from './batches.ts'

const random = seededRandom(1)
const examples = Array.from({ length: 37 }, (_, i) => ({
  tokens: [i, ...Array.from({ length: 1 + random.below(9) }, () => 50)],
  given: 1,
}))
const rows = layRows(examples, 64, false)
const sum = (values: Iterable<number>) => [...values].reduce((total, value) => total + value, 0)
/** The first token of each row, which tells the sequences apart. */
const rowsOf = (batch: { rows: number; tokens: number; ids: Int32Array }) =>
  Array.from({ length: batch.rows }, (_, row) => batch.ids[row * batch.tokens]!)

describe('the batches of an epoch', () => {
  it('hold every sequence once, in another order for another draw', () => {
    const draw = () => epochBatches(rows, 4, random).flatMap(rowsOf)
    const first = draw()
    expect(first.toSorted((a, b) => a - b)).toEqual(examples.map(({ tokens }) => tokens[0]))
    expect(draw()).not.toEqual(first)
  })

  it('weigh every predicted token of a batch alike', () => {
    for (const { weights } of epochBatches(rows, 4, random)) {
      const counted = weights.filter((weight) => weight > 0)
      expect(new Set(counted).size).toBe(1)
      expect(sum(counted)).toBeCloseTo(1, 5)
    }
  })
})

it('measuring weighs every predicted token of all sequences alike', () => {
  const weights = measuringBatches(rows, 4).flatMap((batch) => [...batch.weights].filter((weight) => weight > 0))
  expect(weights).toHaveLength(predictedTokens(examples))
  expect(sum(weights)).toBeCloseTo(1, 4)
})

describe('packed rows', () => {
  const packed = layRows(examples, 16, true)

  it('hold every example once and no more tokens than the context', () => {
    expect(packed.flat().toSorted((a, b) => a.tokens[0]! - b.tokens[0]!)).toEqual(examples)
    for (const row of packed)
      expect(row.reduce((width, { tokens }) => width + tokens.length - 1, 0)).toBeLessThanOrEqual(16)
  })

  it('are fewer, and leave little empty', () => {
    const needed = examples.reduce((width, { tokens }) => width + tokens.length - 1, 0)
    expect(packed.length).toBeLessThanOrEqual(Math.ceil((needed / 16) * 1.25))
  })
})
