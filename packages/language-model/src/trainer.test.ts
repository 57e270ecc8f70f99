import { describe, expect, it } from 'vitest'
import { type TokenBatch, tokenBatch } from './batch.ts'
import type { Trained } from './graphs/training.ts'
import { initialAdapter } from './lora.ts'
import { seededRandom } from './random.ts'
import { RowsGradients } from './rows-gradients.ts'
import { randomSequences, TINY, TINY_LORA, tinyBase } from './testing/tiny-model.ts'
import { Trainer } from './trainer.ts'

const base = tinyBase()
const lora: Trained = { kind: 'lora', weights: base.weights, lora: TINY_LORA }
const optimiser = { beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay: 0.01, maxGradientNorm: 1 }
const batches = [1, 2, 3].map((seed) => tokenBatch(randomSequences(4, seed), (predicted) => 1 / (4 * predicted)))
const start = initialAdapter(TINY, TINY_LORA, 1)

describe('a training step', () => {
  it('is the one that AdamW prescribes', async () => {
    const rows = await RowsGradients.create(base, TINY_LORA)
    const perRow = await rows.gradients(start, batches[0]!)
    await rows.release()
    const gradient = new Float64Array(rows.parameters)
    perRow.forEach((value, i) => {
      gradient[i % rows.parameters]! += value
    })
    const norm = Math.hypot(...gradient)
    const clipped = Math.min(1, optimiser.maxGradientNorm / norm)
    const trainer = await Trainer.create(TINY, lora, start, optimiser)
    const { gradientNorm } = await trainer.step(batches[0]!, 0.01)
    expect(gradientNorm).toBeCloseTo(norm, 3)
    expect(norm).toBeGreaterThan(optimiser.maxGradientNorm) // so that there is something to clip
    expect(Math.hypot(...trainer.state.firstMoment)).toBeCloseTo((1 - optimiser.beta1) * optimiser.maxGradientNorm, 4)
    // After one step both moments are corrected to the gradient itself, so that its sign is what is left.
    start.forEach((value, i) => {
      const g = gradient[i]! * clipped
      const expected = value - 0.01 * (g / (Math.abs(g) + optimiser.epsilon) + optimiser.weightDecay * value)
      if (Math.abs(g) > 1e-4) expect(trainer.parameters[i]).toBeCloseTo(expected, 4)
    })
    await trainer.release()
  })

  it('learns: the loss of a batch falls as it is repeated', async () => {
    const trainer = await Trainer.create(TINY, lora, start, optimiser)
    const first = (await trainer.step(batches[0]!, 0.02)).loss
    let last = first
    for (let i = 0; i < 30; i++) last = (await trainer.step(batches[0]!, 0.02)).loss
    expect(last).toBeLessThan(0.8 * first)
    await trainer.release()
  })

  it('gives the same bits again, also after a restart from a saved state', async () => {
    const trainer = await Trainer.create(TINY, lora, start, optimiser)
    const run = async (some: TokenBatch[]) => {
      for (const batch of some) await trainer.step(batch, 0.01)
      return trainer.parameters
    }
    const whole = await run(batches)
    trainer.restart(start)
    await run(batches.slice(0, 1))
    const saved = structuredClone(trainer.state)
    await run(batches.slice(1))
    trainer.restore(saved)
    expect(await run(batches.slice(1))).toEqual(whole)
    await trainer.release()
  })

  it('refuses initial parameters that are not those of the model', async () => {
    await expect(Trainer.create(TINY, lora, start.subarray(1), optimiser)).rejects.toThrow(
      expect.objectContaining({ code: 'adapter.weights_mismatch' }),
    )
  })
})

describe('sampled targets', () => {
  it('follow the probabilities of the model and leave filled-up positions alone', async () => {
    const rows = await RowsGradients.create(base, TINY_LORA)
    const batch = tokenBatch([[1, 2], [3, 4, 5]], () => 1) // biome-ignore format: rows
    const { probabilities } = await rows.forward(start, batch)
    const random = seededRandom(2)
    const draws = 400
    const counts = new Float64Array(TINY.vocabSize)
    for (let i = 0; i < draws; i++) {
      const { targets } = await rows.sampleTargets(start, batch, random)
      counts[targets[0]!]! += 1 / draws
      expect(targets[1]).toBe(batch.targets[1])
    }
    const distance = counts.reduce((sum, share, id) => sum + Math.abs(share - probabilities[id]!), 0)
    expect(distance).toBeLessThan(0.35)
    await rows.release()
  })
})
