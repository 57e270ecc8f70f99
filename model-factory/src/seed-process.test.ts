import { randomWeights } from '@openledger/language-model'
import { expect, it } from 'vitest'
import { DEFAULT_RECIPE } from './recipe.ts'
import { trainSeedInProcess } from './seed-process.ts'
import { TINY } from './testing/tiny-base.ts'
import type { SeedTask } from './train-seed.ts'

const task: SeedTask = {
  base: { config: TINY, weights: randomWeights(TINY, 1) },
  recipe: DEFAULT_RECIPE,
  seed: 1,
  training: [{ tokens: [1, 2, 3], given: 1 }],
  validation: [{ tokens: [4, 5], given: 1 }],
}

it('an error of the other process keeps its code and its facts', async () => {
  const strange = { ...task, training: [{ tokens: [1, TINY.vocabSize], given: 1 }] }
  await expect(trainSeedInProcess(strange, () => {})).rejects.toThrow(
    expect.objectContaining({ code: 'model.batch_invalid', facts: expect.objectContaining({ rows: 1 }) }),
  )
})

it('a task that is cancelled before it begins starts no process', async () => {
  await expect(trainSeedInProcess(task, () => {}, AbortSignal.abort())).rejects.toThrow(
    expect.objectContaining({ code: 'training.cancelled' }),
  )
})

it('a process that ends before its time is reported', async () => {
  // A fault of the program stands in for whatever else ends a process, such as a system that is out of memory.
  const broken = { ...task, recipe: undefined as never }
  await expect(trainSeedInProcess(broken, () => {})).rejects.toThrow(
    expect.objectContaining({ code: 'training.worker_ended', facts: { reason: '1' }, retryable: true }),
  )
})
