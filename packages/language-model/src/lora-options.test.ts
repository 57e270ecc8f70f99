import { describe, expect, it } from 'vitest'
import { type Example, exampleBatch, tokenBatch } from './batch.ts'
import { buildTrainingGraph, dropoutInputs, type LoraOptions, type Trained } from './graphs/training.ts'
import { initialAdapter, loraParameterCount } from './lora.ts'
import { floats, floatsOf, openSession } from './onnx/session.ts'
import { EVERYTHING, randomSequences, randomVector, TINY, TINY_LORA, tinyBase } from './testing/tiny-model.ts'
import { batchInputs, LossMeter, Trainer } from './trainer.ts'

const optimiser = { beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay: 0, maxGradientNorm: 1 }
const examples: Example[] = randomSequences(6, 5).map((tokens, i) => ({ tokens, given: 1 + (i % 2) }))

function lora(options: LoraOptions, config = TINY): Trained & { kind: 'lora' } {
  return { kind: 'lora', weights: tinyBase(config).weights, lora: TINY_LORA, ...options }
}

async function gradientOf(trained: Trained, feeds: Parameters<typeof batchInputs>[0], extra = {}, config = TINY) {
  const adapter = randomVector(loraParameterCount(config, TINY_LORA), 0.2, 3)
  const session = await openSession(buildTrainingGraph(config, trained, { kind: 'gradient' }))
  const parameters = floats(adapter, [adapter.length])
  const outputs = await session.run({ ...batchInputs(feeds, trained), ...extra, parameters })
  await session.release()
  return { gradient: floatsOf(outputs, 'gradient'), losses: floatsOf(outputs, 'losses') }
}

describe('packed rows', () => {
  it.each([
    ['a plain model', TINY],
    ['a model with windows and scaled angles', EVERYTHING],
  ])('of %s give the loss and the gradient that their sequences give apart', async (_, config) => {
    const apart = await gradientOf(
      lora({}, config),
      exampleBatch(
        examples.map((one) => [one]),
        0.1,
      ),
      {},
      config,
    )
    const rows = [examples.slice(0, 3), examples.slice(3, 5), examples.slice(5)]
    const packed = await gradientOf(lora({ isPacked: true }, config), exampleBatch(rows, 0.1), {}, config)
    const total = (losses: Float32Array) => losses.reduce((sum, loss) => sum + loss, 0)
    expect(total(packed.losses)).toBeCloseTo(total(apart.losses), 4)
    packed.gradient.forEach((value, i) => {
      expect(value).toBeCloseTo(apart.gradient[i]!, 4)
    })
  })

  it('of a batch that does not say where its sequences lie are refused', async () => {
    const batch = tokenBatch(randomSequences(2, 1), () => 1)
    await expect(gradientOf(lora({ isPacked: true }), batch)).rejects.toMatchObject({ code: 'model.batch_invalid' })
  })
})

describe('what is given of an example', () => {
  it('is not learned: only the tokens after it weigh', () => {
    const { weights, targets } = exampleBatch([[{ tokens: [5, 6, 7, 8], given: 3 }]], 0.5)
    expect([...weights]).toEqual([0, 0, 0.5])
    expect([...targets]).toEqual([6, 7, 8])
  })
})

describe('dropout', () => {
  const batch = exampleBatch(
    examples.map((one) => [one]),
    0.1,
  )
  const start = initialAdapter(TINY, TINY_LORA, 1)
  const after = async (dropout: { rate: number; seed: number }, steps = 2) => {
    const trainer = await Trainer.create(TINY, lora({ hasDropout: true }), start, optimiser, { dropout })
    for (let step = 0; step < steps; step++) await trainer.step(batch, 0.01)
    const { state } = trainer
    await trainer.release()
    return state
  }

  it('of 0 changes nothing', async () => {
    const trainer = await Trainer.create(TINY, lora({}), start, optimiser)
    await trainer.step(batch, 0.01)
    await trainer.step(batch, 0.01)
    expect((await after({ rate: 0, seed: 1 })).parameters).toEqual(trainer.parameters)
    await trainer.release()
  })

  it('is decided by the seed, and goes on from a saved state with the same bits', async () => {
    const [once, again, other] = [
      await after({ rate: 0.3, seed: 1 }),
      await after({ rate: 0.3, seed: 1 }),
      await after({ rate: 0.3, seed: 2 }),
    ]
    expect(again.parameters).toEqual(once.parameters)
    expect(other.parameters).not.toEqual(once.parameters)
    const saved = await after({ rate: 0.3, seed: 1 }, 1)
    const trainer = await Trainer.create(TINY, lora({ hasDropout: true }), start, optimiser, {
      dropout: { rate: 0.3, seed: 1 },
    })
    trainer.restore(saved)
    await trainer.step(batch, 0.01)
    expect(trainer.parameters).toEqual(once.parameters)
    await trainer.release()
  })

  it('that leaves everything out leaves the adapter without a gradient', async () => {
    const nothing = Object.fromEntries(
      dropoutInputs(TINY, TINY_LORA).map(({ name, width }) => [
        name,
        floats(new Float32Array(batch.rows * batch.tokens * width), [batch.rows, batch.tokens, width]),
      ]),
    )
    const { gradient } = await gradientOf(lora({ hasDropout: true }), batch, nothing)
    expect(gradient.every((value) => value === 0)).toBe(true)
  })
})

describe('a base of 8 bits', () => {
  it('gives nearly the losses of the base in full, from a third of the bytes', async () => {
    const batch = exampleBatch(
      examples.map((one) => [one]),
      0.1,
    )
    const adapter = randomVector(loraParameterCount(TINY, TINY_LORA), 0.2, 3)
    const measure = async (options: LoraOptions) => {
      const meter = await LossMeter.create(TINY, lora(options))
      const losses = await meter.losses(adapter, batch)
      await meter.release()
      return losses
    }
    const [full, small] = [await measure({}), await measure({ baseBits: 8 })]
    expect(small).not.toEqual(full)
    small.forEach((loss, i) => {
      expect(Math.abs(loss - full[i]!)).toBeLessThan(0.03 * full[i]!)
    })
    const wide = { ...TINY, hiddenSize: 128, headDim: 32, intermediateSize: 384 }
    const bytes = (options: LoraOptions) => buildTrainingGraph(wide, lora(options, wide), { kind: 'losses' }).length
    expect(bytes({ baseBits: 8 })).toBeLessThan(bytes({}) / 3)
  })
})
