import { describe, expect, test } from 'vitest'
import { answerSequence, recordSequence, refuseNotFinite } from './gradient-source.ts'

describe('sequences', () => {
  test('a record predicts every token after its first, all with weight 1/sqrt(length)', () => {
    expect(recordSequence([5, 6, 7, 8, 9])).toEqual({
      inputs: [5, 6, 7, 8],
      targets: [6, 7, 8, 9],
      weights: [0.5, 0.5, 0.5, 0.5],
    })
  })

  test('an answer predicts its own tokens only, the first of them from the last of the prompt', () => {
    const weight = 1 / Math.sqrt(2)
    expect(answerSequence([1, 2, 3], [4, 5])).toEqual({
      inputs: [1, 2, 3, 4],
      targets: [2, 3, 4, 5],
      weights: [0, 0, weight, weight],
    })
  })

  test.each([
    ['an empty prompt', [], [1]],
    ['an empty answer', [1], []],
  ])('%s is refused', (_, prompt, answer) => {
    expect(() => answerSequence(prompt, answer)).toThrowError(
      expect.objectContaining({ code: 'influence.sequence_too_short' }),
    )
  })
})

describe('gradients that are not finite', () => {
  test.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])('%d is refused by its row', (value) => {
    const gradients = new Float32Array(12).fill(3e38)
    expect(() => refuseNotFinite(gradients, 4, 'records')).not.toThrow()
    gradients[9] = value
    gradients[10] = -value
    expect(() => refuseNotFinite(gradients, 4, 'records')).toThrowError(
      expect.objectContaining({ code: 'influence.not_finite', facts: { what: 'records', row: 2 } }),
    )
  })
})
