import { describe, expect, it } from 'vitest'
import { requireBatch, tokenBatch } from './batch.ts'

const limits = { vocabSize: 10, maxPositions: 3 }

describe('a batch', () => {
  it('predicts each next token and fills up short rows with weight 0', () => {
    const batch = tokenBatch([[1, 2], [3, 4, 5, 6]], (predicted) => 1 / predicted) // biome-ignore format: rows
    expect(batch).toEqual({
      rows: 2,
      tokens: 3,
      ids: Int32Array.of(1, 0, 0, 3, 4, 5),
      targets: Int32Array.of(2, 0, 0, 4, 5, 6),
      weights: Float32Array.of(1, 0, 0, 1 / 3, 1 / 3, 1 / 3),
    })
  })

  it.each([[[]], [[[1]]]])('of %j is refused', (sequences) => {
    expect(() => tokenBatch(sequences, () => 1)).toThrow(expect.objectContaining({ code: 'model.batch_invalid' }))
  })

  it.each([
    ['a token that is not in the vocabulary', [[1, 10]]],
    ['more tokens than positions', [[1, 2, 3, 4, 5]]],
  ])('with %s does not fit', (_, sequences) => {
    const batch = tokenBatch(sequences, () => 1)
    expect(() => requireBatch(batch, limits)).toThrow(expect.objectContaining({ code: 'model.batch_invalid' }))
  })
})
