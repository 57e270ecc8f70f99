import { afterAll, describe, expect, it } from 'vitest'
import { tokenBatch } from './batch.ts'
import { initialAdapter } from './lora.ts'
import { TenantsTrainer } from './tenants-trainer.ts'
import { EVERYTHING, randomSequences, TINY, TINY_LORA, tinyBase } from './testing/tiny-model.ts'
import { Trainer } from './trainer.ts'

const optimiser = { beta1: 0.9, beta2: 0.99, epsilon: 1e-6, weightDecay: 0.01, maxGradientNorm: 1 }
const RATE = 0.01

describe.each([
  ['a plain base', TINY],
  ['a base with all that a family may have', EVERYTHING],
])('tenants on %s', async (_, config) => {
  const base = tinyBase(config)
  const starts = [1, 2, 3].map((seed) => initialAdapter(config, TINY_LORA, seed))
  // Batches of different sizes; the second tenant pauses once.
  const batchOf = (tenant: number, step: number) =>
    tenant === 1 && step === 1
      ? null
      : tokenBatch(randomSequences(2 + tenant, 10 * step + tenant, config), (predicted) => 1 / (4 * predicted))
  const together = await TenantsTrainer.create(base, TINY_LORA, starts, optimiser)
  afterAll(() => together.release())

  it('learn what each learns alone', async () => {
    const results: Awaited<ReturnType<TenantsTrainer['step']>>[] = []
    for (let step = 0; step < 4; step++) {
      results.push(
        await together.step(
          [0, 1, 2].map((tenant) => batchOf(tenant, step)),
          RATE,
        ),
      )
    }
    for (const tenant of [0, 1, 2]) {
      const trained = { kind: 'lora', weights: base.weights, lora: TINY_LORA } as const
      const alone = await Trainer.create(config, trained, starts[tenant]!, optimiser)
      for (let step = 0; step < 4; step++) {
        const batch = batchOf(tenant, step)
        if (batch === null) continue
        const { loss, gradientNorm } = await alone.step(batch, RATE)
        expect(results[step]![tenant]!.loss).toBeCloseTo(loss, 4)
        expect(results[step]![tenant]!.gradientNorm).toBeCloseTo(gradientNorm, 3)
      }
      const parameters = together.parameters(tenant)
      expect(parameters).not.toEqual(starts[tenant])
      // AdamW divides by the gradient's own size, so rounding of tiny gradients shows: a hundredth of a step is allowed.
      alone.parameters.forEach((value, i) => {
        expect(Math.abs(parameters[i]! - value)).toBeLessThan(RATE * 4 * 0.05)
      })
      await alone.release()
    }
  })

  it('that pause stay as they are, to the bit', async () => {
    const before = together.parameters(1)
    const [first, second] = await together.step([batchOf(0, 7), null, batchOf(2, 7)], RATE)
    expect(first).not.toBeNull()
    expect(second).toBeNull()
    expect(together.parameters(1)).toEqual(before)
  })

  it('without any batch are refused', async () => {
    await expect(together.step([null, null, null], RATE)).rejects.toMatchObject({ code: 'model.batch_invalid' })
  })
})
