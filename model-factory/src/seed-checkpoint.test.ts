import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { randomWeights } from '@openledger/language-model'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DEFAULT_RECIPE } from './recipe.ts'
import { readSavedSeed, saveSeed } from './seed-checkpoint.ts'
import { trainWithKills } from './testing/killed-training.ts'
import { TINY } from './testing/tiny-base.ts'
import { type SeedProgress, type SeedTask, trainSeed } from './train-seed.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'openledger-seed-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const sequences = Array.from({ length: 10 }, (_, i) => ({ tokens: [0, 60 + i, 61 + i, 62 + i, 0], given: 1 }))
const task = (file: string, key = 'this run'): SeedTask => ({
  base: { config: TINY, weights: randomWeights(TINY, 1, 0.2) },
  recipe: { ...DEFAULT_RECIPE, rank: 2, batchSize: 2, epochs: 3 },
  seed: 5,
  training: sequences.slice(0, 8),
  validation: sequences.slice(8),
  saving: { file, key, everyMs: 0 },
})

describe('a saved run', () => {
  it('goes on after every step with the bits of an unbroken one', async () => {
    const { saving: _, ...unsaved } = task('')
    const whole = await trainSeed(unsaved, () => {})
    for (const cut of [1, 4, 7, 12]) {
      const file = join(folder, `cut-${cut}.safetensors`)
      const stop = new Error('cut off')
      const cutOff = trainSeed(task(file), (progress) => {
        if (progress.kind === 'step' && progress.step === cut) throw stop
      })
      await expect(cutOff).rejects.toBe(stop)
      const steps: number[] = []
      const again = await trainSeed(task(file), (progress: SeedProgress) => {
        if (progress.kind === 'step') steps.push(progress.step)
      })
      expect(steps[0] ?? cut + 1).toBe(cut + 1)
      expect(again).toEqual(whole)
    }
  })

  it('that is done is not trained again', async () => {
    const file = join(folder, 'done.safetensors')
    const whole = await trainSeed(task(file), () => {})
    const kinds: string[] = []
    expect(await trainSeed(task(file), ({ kind }) => kinds.push(kind))).toEqual(whole)
    expect(kinds).toEqual([])
  })

  it('leaves no draft behind', async () => {
    expect((await readdir(folder)).filter((name) => name.endsWith('.draft'))).toEqual([])
  })

  it.each<[string, (file: string) => Promise<void>]>([
    ['is cut short', (file) => truncate(file, 300)],
    ['is no safetensors file', (file) => writeFile(file, 'hello')],
    ['has flipped bits in its header', async (file) => writeFile(file, (await readFile(file)).fill(0xff, 40, 60))],
  ])('whose file %s begins anew and ends with the same bits', async (_, spoil) => {
    const file = join(folder, 'spoilt.safetensors')
    const whole = await trainSeed(task(file), () => {})
    await spoil(file)
    expect(await readSavedSeed(file, 'this run')).toBeUndefined()
    expect(await trainSeed(task(file), () => {})).toEqual(whole)
  })

  it('is not taken for another run', async () => {
    const file = join(folder, 'other.safetensors')
    const vector = Float32Array.of(1, 2)
    const state = { parameters: vector, firstMoment: vector, secondMoment: vector, steps: 3 }
    await saveSeed(file, 'this run', { state, reached: [] })
    expect(await readSavedSeed(file, 'this run')).toEqual({ state, reached: [] })
    expect(await readSavedSeed(file, 'another run')).toBeUndefined()
  })
})

it('a process that takes more memory than it may is refused by name', async () => {
  const { saving: _, ...unsaved } = task('')
  const refused = trainSeed({ ...unsaved, maxBytes: 1 }, () => {})
  await expect(refused).rejects.toMatchObject({ code: 'training.memory_exceeded', facts: { seed: 5, maxBytes: 1 } })
})

it('a training that is killed twice comes out with the bytes of an unbroken one', async () => {
  const { unbroken, killed, steps } = await trainWithKills(2, 11)
  expect(steps).toBeGreaterThanOrEqual(2)
  expect(unbroken).toHaveLength(9)
  expect(killed).toEqual(unbroken)
})
