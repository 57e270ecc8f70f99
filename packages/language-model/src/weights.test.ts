import { describe, expect, it } from 'vitest'
import { readSafetensors, writeSafetensors } from './safetensors.ts'
import { TINY, tinyBase } from './testing/tiny-model.ts'
import {
  parameterCount,
  randomWeights,
  readModelWeights,
  vectorOfWeights,
  weightsOfVector,
  writeModelWeights,
} from './weights.ts'

const { weights } = tinyBase()

describe('model.safetensors', () => {
  const file = writeModelWeights(TINY, weights, 'F32')

  it('comes back as it was written', () => {
    expect(readModelWeights(TINY, file)).toEqual(weights)
  })

  it.each([
    ['without a weight', (name: string) => name !== 'model.norm.weight', TINY],
    ['of another shape', () => true, { ...TINY, intermediateSize: 25 }],
    ['with a weight too many', () => true, { ...TINY, layers: 1 }],
  ])('%s is refused', (_, keep, config) => {
    const tensors = [...readSafetensors(file).tensors].filter(([name]) => keep(name))
    const changed = writeSafetensors(new Map(tensors))
    expect(() => readModelWeights(config, changed)).toThrow(expect.objectContaining({ code: 'model.weights_mismatch' }))
  })
})

describe('weights', () => {
  it('survive being laid out in one vector', () => {
    const vector = vectorOfWeights(TINY, weights)
    expect(vector).toHaveLength(parameterCount(TINY))
    expect(weightsOfVector(TINY, vector)).toEqual(weights)
  })

  it('are the same for the same seed and others for another', () => {
    expect(randomWeights(TINY, 1)).toEqual(randomWeights(TINY, 1))
    expect(randomWeights(TINY, 1)).not.toEqual(randomWeights(TINY, 2))
  })
})
