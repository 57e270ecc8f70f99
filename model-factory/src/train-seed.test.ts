import { initialAdapter, randomWeights } from '@openledger/language-model'
import { expect, it } from 'vitest'
import { DEFAULT_RECIPE, loraOf } from './recipe.ts'
import { TINY } from './testing/tiny-base.ts'
import { type SeedProgress, type SeedTask, trainSeed } from './train-seed.ts'

const sequences = Array.from({ length: 10 }, (_, i) => [0, 60 + i, 61 + i, 62 + i, 0])
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
