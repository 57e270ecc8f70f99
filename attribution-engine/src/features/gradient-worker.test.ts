import { initialAdapter, loraParameterCount, RowsGradients, seededRandom } from '@openledger/language-model'
import { afterAll, describe, expect, test } from 'vitest'
import { computeAnswerFeatures } from '../influence/answer-features.ts'
import { TINY, TINY_LORA, tinyBase } from '../testing/tiny-language-model.ts'
import { answerSequence, recordSequence } from './gradient-source.ts'
import { GradientWorker } from './gradient-worker.ts'
import { createLoraGradients } from './lora-gradients.ts'
import { FEATURE_SETTINGS } from './seed-features.ts'

const base = tinyBase()
const worker = new GradientWorker(base)
const checkpoints = new Map([
  ['one', initialAdapter(TINY, TINY_LORA, 1)],
  ['two', initialAdapter(TINY, TINY_LORA, 2).map((value) => value + 0.01)],
])
const random = seededRandom(5)
const draw = (length: number) => Array.from({ length }, () => random.below(TINY.vocabSize))
const sequences = Array.from({ length: 20 }, (_, i) => recordSequence(draw(2 + (i % 9))))
const answer = answerSequence(draw(4), draw(6))

afterAll(() => worker.close())

describe('gradients of a language model', () => {
  test('come in the order of the sequences, whatever batches they were computed in', async () => {
    const rows = await RowsGradients.create(base, TINY_LORA)
    const source = createLoraGradients(rows, checkpoints)
    const together = await source.gradients('two', sequences)
    for (const [i, sequence] of sequences.entries()) {
      const alone = await source.gradients('two', [sequence])
      const row = together.subarray(i * rows.parameters, (i + 1) * rows.parameters)
      const largest = Math.max(...alone.map(Math.abs))
      expect(Math.max(...alone.map((value, p) => Math.abs(value - row[p]!)))).toBeLessThan(1e-4 * largest)
    }
    await rows.release()
  })

  test('sampled targets keep inputs and weights, depend on the seed alone, and follow the model’s own distribution', async () => {
    const rows = await RowsGradients.create(base, TINY_LORA)
    const source = createLoraGradients(rows, checkpoints)
    const sampled = await source.sampleTargets('two', sequences, 3)
    expect(sampled.map(({ inputs, weights }) => ({ inputs, weights }))).toEqual(
      sequences.map(({ inputs, weights }) => ({ inputs, weights })),
    )
    expect(await source.sampleTargets('two', sequences, 3)).toEqual(sampled)
    expect(await source.sampleTargets('two', sequences, 4)).not.toEqual(sampled)
    // Gradients under the model's own labels have mean zero; under given labels they have not.
    const repeated = Array.from({ length: 800 }, () => answer)
    const mean = async (list: typeof repeated) => {
      const gradients = await source.gradients('two', list)
      const sum = new Float64Array(rows.parameters)
      for (const [i, value] of gradients.entries()) sum[i % rows.parameters]! += value / list.length
      return Math.hypot(...sum)
    }
    const drawn = await source.sampleTargets('two', repeated, 1)
    expect(await mean(drawn)).toBeLessThan(0.25 * (await mean([answer])))
    await rows.release()
  })

  test('a checkpoint that was not loaded is refused', async () => {
    const rows = await RowsGradients.create(base, TINY_LORA)
    await expect(createLoraGradients(rows, checkpoints).gradients('three', sequences)).rejects.toMatchObject({
      code: 'influence.no_such_checkpoint',
    })
    await rows.release()
  })
})

describe('the gradient worker', () => {
  test('computes in its process what would be computed here, to the bit', async () => {
    const rows = await RowsGradients.create(base, TINY_LORA)
    const here = await computeAnswerFeatures(createLoraGradients(rows, checkpoints), ['one', 'two'], answer)
    const there = await worker.run({ kind: 'answer-features', lora: TINY_LORA, checkpoints, answer })
    expect(there).toEqual(here)
    expect(there).toHaveLength(2 * loraParameterCount(TINY, TINY_LORA))
    await rows.release()
  })

  test('gives one layer a checkpoint, and the same bits again', async () => {
    const task = {
      kind: 'seed-features' as const,
      lora: TINY_LORA,
      checkpoints,
      sequences,
      seed: 1,
      settings: FEATURE_SETTINGS,
    }
    const layers = await worker.run(task)
    expect(layers).toHaveLength(2)
    expect(layers[0]?.signs).toHaveLength(20 * Math.ceil(loraParameterCount(TINY, TINY_LORA) / 8))
    expect(await worker.run(task)).toEqual(layers)
  })

  test('an error comes back with its code, and the next task still runs', async () => {
    const broken = new Map([['one', initialAdapter(TINY, TINY_LORA, 1).fill(Number.NaN)]])
    const task = { kind: 'answer-features' as const, lora: TINY_LORA, checkpoints: broken, answer }
    await expect(worker.run(task)).rejects.toMatchObject({ code: 'influence.not_finite' })
    await expect(worker.run({ ...task, checkpoints })).resolves.toBeInstanceOf(Int8Array)
  })

  test('graphs of more LoRA shapes than are kept are built again', async () => {
    for (const rank of [1, 2, 3, 4, 5, 1]) {
      const lora = { ...TINY_LORA, rank }
      const adapters = new Map([['one', initialAdapter(TINY, lora, 1)]])
      const features = await worker.run({ kind: 'answer-features', lora, checkpoints: adapters, answer })
      expect(features).toHaveLength(loraParameterCount(TINY, lora))
    }
  })

  test('what waits when it is closed, and what comes later, is refused', async () => {
    const other = new GradientWorker(base)
    const task = { kind: 'answer-features' as const, lora: TINY_LORA, checkpoints, answer }
    const waiting = other.run(task)
    const refused = expect(waiting).rejects.toMatchObject({ code: 'influence.worker_ended', retryable: true })
    await other.close()
    await refused
    await expect(other.run(task)).rejects.toMatchObject({ code: 'influence.worker_ended' })
  })
})
