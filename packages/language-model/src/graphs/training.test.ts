import { afterAll, describe, expect, it } from 'vitest'
import { tokenBatch } from '../batch.ts'
import type { ModelConfig } from '../config.ts'
import { loraParameterCount } from '../lora.ts'
import { floats, floatsOf, openSession } from '../onnx/session.ts'
import { RowsGradients } from '../rows-gradients.ts'
import { EVERYTHING, randomSequences, randomVector, TINY, TINY_LORA, tinyBase } from '../testing/tiny-model.ts'
import { batchInputs, LossMeter } from '../trainer.ts'
import { modelParameters } from '../weights.ts'
import { buildTrainingGraph, type Trained, trainedLength } from './training.ts'

const base = tinyBase()
const adapter = randomVector(loraParameterCount(TINY, TINY_LORA), 0.2, 3)
const batch = tokenBatch(randomSequences(5, 11), (predicted) => 1 / predicted)
const lora: Trained = { kind: 'lora', weights: base.weights, lora: TINY_LORA }
const loraOnEverything: Trained = { kind: 'lora', weights: tinyBase(EVERYTHING).weights, lora: TINY_LORA }
const untied: ModelConfig = { ...TINY, tieWordEmbeddings: false, kvHeads: 4 }

function allWeights(config: ModelConfig): Float32Array {
  const { weights } = tinyBase(config)
  return Float32Array.from(modelParameters(config).flatMap(({ name }) => [...weights.get(name)!]))
}

async function gradientOf(config: ModelConfig, trained: Trained, parameters: Float32Array): Promise<Float32Array> {
  const session = await openSession(buildTrainingGraph(config, trained, { kind: 'gradient' }))
  const outputs = await session.run({ ...batchInputs(batch), parameters: floats(parameters, [parameters.length]) })
  return floatsOf(outputs, 'gradient')
}

describe('the gradient', () => {
  it.each<[string, ModelConfig, Trained, Float32Array]>([
    ['of all weights', TINY, { kind: 'full' }, allWeights(TINY)],
    ['of all weights with a head of its own', untied, { kind: 'full' }, allWeights(untied)],
    ['of all weights with all that a family may have', EVERYTHING, { kind: 'full' }, allWeights(EVERYTHING)],
    ['of an adapter', TINY, lora, adapter],
    ['of an adapter on a base with all that a family may have', EVERYTHING, loraOnEverything, adapter],
  ])('%s is the slope of the loss along any direction', async (_, config, trained, parameters) => {
    const gradient = await gradientOf(config, trained, parameters)
    const meter = await LossMeter.create(config, trained)
    const lossAt = async (at: Float32Array) => (await meter.losses(at, batch)).reduce((sum, loss) => sum + loss, 0)
    // One direction per stretch of the vector, so that an error in one matrix cannot hide in the others.
    const stretches = 12
    for (let stretch = 0; stretch < stretches; stretch++) {
      const from = Math.floor((stretch * parameters.length) / stretches)
      const to = Math.floor(((stretch + 1) * parameters.length) / stretches)
      const direction = randomVector(to - from, 1, 100 + stretch)
      const step = 2e-3
      const moved = (sign: number) =>
        parameters.map((value, i) => (i < from || i >= to ? value : value + sign * step * direction[i - from]!))
      const measured = ((await lossAt(moved(1))) - (await lossAt(moved(-1)))) / (2 * step)
      const computed = direction.reduce((sum, value, i) => sum + value * gradient[from + i]!, 0)
      expect(Math.abs(measured - computed)).toBeLessThan(0.01 * Math.abs(computed) + 0.005)
    }
    await meter.release()
  })
})

describe('per-record gradients', async () => {
  const rows = await RowsGradients.create(base, TINY_LORA)
  afterAll(() => rows.release())

  it('sum up to the gradient of the whole batch', async () => {
    const perRow = await rows.gradients(adapter, batch)
    const total = await gradientOf(TINY, lora, adapter)
    const sum = new Float32Array(rows.parameters)
    for (let row = 0; row < batch.rows; row++) {
      for (let i = 0; i < sum.length; i++) sum[i]! += perRow[row * sum.length + i]!
    }
    for (let i = 0; i < sum.length; i++) expect(sum[i]).toBeCloseTo(total[i]!, 4)
  })

  it('of a record are the same whichever records stand beside it', async () => {
    const sequences = randomSequences(5, 11)
    const together = await rows.gradients(adapter, batch)
    for (const [row, sequence] of sequences.entries()) {
      const alone = await rows.gradients(
        adapter,
        tokenBatch([sequence], (predicted) => 1 / predicted),
      )
      const beside = together.subarray(row * rows.parameters, (row + 1) * rows.parameters)
      for (let i = 0; i < alone.length; i++) expect(beside[i]).toBeCloseTo(alone[i]!, 4)
    }
  })

  it('have the expected length', () => {
    expect(trainedLength(TINY, lora)).toBe(rows.parameters)
    // q, v, o: 2·(16+16), 2·(16+8), 2·(16+16); up, down: 2·(16+24) each; two layers.
    expect(rows.parameters).toBe(2 * (64 + 48 + 64 + 80 + 80))
  })

  it('give probabilities that sum to 1 and losses that follow from them', async () => {
    const { losses, probabilities } = await rows.forward(adapter, batch)
    for (let row = 0; row < batch.rows; row++) {
      let loss = 0
      for (let t = 0; t < batch.tokens; t++) {
        const at = row * batch.tokens + t
        const distribution = probabilities.subarray(at * TINY.vocabSize, (at + 1) * TINY.vocabSize)
        expect(distribution.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 5)
        loss -= batch.weights[at]! * Math.log(distribution[batch.targets[at]!]!)
      }
      expect(losses[row]).toBeCloseTo(loss, 4)
    }
  })
})
