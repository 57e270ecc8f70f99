import { seededRandom } from '@openledger/language-model'
import { describe, expect, test } from 'vitest'
import { createMatrixProduct } from '../features/matrix-product.ts'
import { type FeatureSet, scoreByDefinition } from './score.ts'
import { layerDots, scoreAnswers } from './score-answers.ts'

const product = await createMatrixProduct()

function made(parameters: number, records: number, seed: number) {
  const random = seededRandom(seed)
  const layer = (of: number) => ({
    seed: of,
    signs: Uint8Array.from({ length: records * Math.ceil(parameters / 8) }, () => random.below(256)),
    scales: Int32Array.from({ length: records }, () => random.below(2 ** 24)),
    scaleExponent: -20 - of,
  })
  const features: FeatureSet = {
    parameters,
    records: Array.from({ length: records }, (_, i) => `0x${String(i).padStart(64, '0')}` as const),
    layers: [layer(1), layer(1), layer(2)],
  }
  const answer = () => Int8Array.from({ length: 3 * parameters }, () => random.below(256) - 128)
  return { features, answers: [answer(), answer(), new Int8Array(3 * parameters)] }
}

describe('scores of many answers', () => {
  test.each([1, 7, 8, 61, 1003])('are the definition’s to the last bit with %d parameters', async (parameters) => {
    const { features, answers } = made(parameters, 70, parameters)
    const expected = answers.map((answer) => scoreByDefinition(features, answer))
    expect(await scoreAnswers(features, answers, product)).toEqual(expected)
  })

  test('are exact at the limit of float32: all coordinates at their largest, of one sign', async () => {
    const parameters = 2 ** 17 + 16
    const signs = new Uint8Array(parameters / 8)
    const queries = [new Int8Array(parameters).fill(-128), new Int8Array(parameters).fill(127)]
    const dots = await layerDots(signs, queries, 1, parameters, product)
    expect([...dots]).toEqual([-128 * parameters, 127 * parameters])
  })

  test('do not depend on how the coordinates are cut into parts', async () => {
    const { features, answers } = made(1003, 5, 9)
    const of = (part: number) =>
      layerDots(
        features.layers[0]!.signs,
        answers.map((answer) => answer.subarray(0, 1003)),
        5,
        1003,
        product,
        part,
      )
    expect(await of(64)).toEqual(await of(2 ** 17 - 8))
  })
})
