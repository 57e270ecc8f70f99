import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { initialAdapter, randomWeights } from '@openledger/language-model'
import { afterAll, describe, expect, it } from 'vitest'
import { DEFAULT_RECIPE, loraOf } from './recipe.ts'
import { TINY } from './testing/tiny-base.ts'
import { learningRate, type SeedProgress, type SeedTask, trainSeed } from './train-seed.ts'

const sequences = Array.from({ length: 10 }, (_, i) => ({ tokens: [0, 60 + i, 61 + i, 62 + i, 0], given: 1 }))
const task: SeedTask = {
  base: { config: TINY, weights: randomWeights(TINY, 1, 0.2) },
  recipe: { ...DEFAULT_RECIPE, rank: 2, batchSize: 4 },
  seed: 5,
  training: sequences.slice(0, 8),
  validation: sequences.slice(8),
}

it('two epochs end where the last of them ends, under both names', async () => {
  const { checkpoints } = await trainSeed(task, () => {})
  expect(checkpoints.map(({ name }) => name)).toEqual(['initial', 'epoch-1', 'epoch-2', 'final'])
  expect(checkpoints[3]!.weights).toEqual(checkpoints[2]!.weights)
  expect(checkpoints[1]!.weights).not.toEqual(checkpoints[2]!.weights)
})

it('the first checkpoint is the adapter that the seed draws, which changes nothing yet', async () => {
  const first = async (seed: number) => (await trainSeed({ ...task, seed }, () => {})).checkpoints[0]!
  const [a, b] = [await first(5), await first(6)]
  expect(a.weights).toEqual(initialAdapter(TINY, loraOf(task.recipe), 5))
  expect(a.weights).not.toEqual(b.weights)
  expect(a.validationLoss).toBe(b.validationLoss)
})

it('takes every training sequence once an epoch', async () => {
  const progress: SeedProgress[] = []
  await trainSeed(task, (step) => progress.push(step))
  const steps = progress.flatMap((one) => (one.kind === 'step' ? [one.step] : []))
  expect(steps).toEqual([1, 2, 3, 4])
})

describe('a learning rate', () => {
  const at = (schedule: 'linear' | 'cosine' | 'constant', step: number) =>
    learningRate({ ...DEFAULT_RECIPE, learningRate: 1, warmupSteps: 10, schedule }, step, 100)

  it('rises over the warm-up and ends at a tenth, or where it was', () => {
    for (const schedule of ['linear', 'cosine', 'constant'] as const) {
      expect(at(schedule, 0)).toBeCloseTo(0.1, 12)
      expect(at(schedule, 4)).toBeLessThan(at(schedule, 9))
      expect(at(schedule, 100)).toBeCloseTo(schedule === 'constant' ? 1 : 0.1, 12)
    }
  })

  it('is halfway down in the middle, and a cosine falls later at first', () => {
    expect(at('linear', 50)).toBeCloseTo(0.55, 12)
    expect(at('cosine', 50)).toBeCloseTo(0.55, 12)
    expect(at('cosine', 25)).toBeGreaterThan(at('linear', 25))
  })
})

describe('with patience', () => {
  const folder = mkdtempSync(join(tmpdir(), 'openledger-patience-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  // A rate so high that the validation loss soon rises again.
  const recipe = {
    ...task.recipe,
    epochs: 12,
    patience: 2,
    learningRate: 0.3,
    warmupSteps: 0,
    dropout: 0.2,
    isPacked: true,
  }
  const impatient = { ...task, recipe }

  it('training ends early with the best epoch of all that it saw', async () => {
    const steps: number[] = []
    const { checkpoints } = await trainSeed(impatient, (one) => one.kind === 'step' && steps.push(one.step))
    expect(checkpoints.map(({ name }) => name)).toEqual(['initial', 'epoch-1', 'epoch-2', 'final'])
    const losses = checkpoints.map(({ validationLoss }) => validationLoss)
    expect(losses[3]).toBeLessThanOrEqual(Math.min(losses[1]!, losses[2]!))
    const whole = (await trainSeed({ ...impatient, recipe: { ...recipe, patience: 0 } }, () => {})).checkpoints[3]!
    expect(whole.validationLoss).toBeGreaterThanOrEqual(losses[3]!)
    expect(steps.at(-1)).toBeLessThan(12 * Math.ceil(steps.length / 12) + 1)
  })

  it('a run that was cut off anywhere ends with the same bits', async () => {
    const whole = await trainSeed(impatient, () => {})
    for (const cut of [1, 2, 3, 5]) {
      const saving = { file: join(folder, `cut-${cut}`), key: 'run', everyMs: 0 }
      const broken = trainSeed({ ...impatient, saving }, (one) => {
        if (one.kind === 'step' && one.step === cut) throw new Error('cut off')
      })
      await expect(broken).rejects.toThrow('cut off')
      expect(await trainSeed({ ...impatient, saving }, () => {})).toEqual(whole)
    }
  })
})

it('on a base of 8 bits learns what it learns on the whole base, nearly', async () => {
  const final = async (baseBits: 8 | 32) =>
    (await trainSeed({ ...task, recipe: { ...task.recipe, baseBits } }, () => {})).checkpoints[3]!.validationLoss
  const [small, whole] = [await final(8), await final(32)]
  expect(small).not.toBe(whole)
  expect(Math.abs(small - whole)).toBeLessThan(0.05 * whole)
})
