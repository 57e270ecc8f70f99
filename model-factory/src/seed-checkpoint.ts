/**
 * What a training run needs to go on after it was cut off, as one safetensors file: the parameters, the optimiser's two
 * moments, and the checkpoints reached so far. Written beside and renamed, so that a kill leaves the old file or the new one.
 */
import { mkdir, open, readFile, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import {
  type AdapterWeights,
  readSafetensors,
  type StoredTensor,
  storeTensor,
  type TrainerState,
  toFloat32,
  writeSafetensors,
} from '@openledger/language-model'
import { CheckpointName } from '@openledger/protocol'
import { z } from 'zod'
import type { SeedResult } from './train-seed.ts'

/** The epoch with the lowest validation loss so far, of `evaluated` epochs. */
export type BestEpoch = { epoch: number; evaluated: number; loss: number; weights: AdapterWeights }

export type SavedSeed = { state: TrainerState; reached: SeedResult['checkpoints']; best?: BestEpoch }

const Best = z.object({ epoch: z.int(), evaluated: z.int(), loss: z.number() })

const Reached = z.array(z.object({ name: CheckpointName, validationLoss: z.number() }))

/**
 * @param key names all that decides the run's bytes: a file with another key is of another run
 */
export async function saveSeed(file: string, key: string, { state, reached, best }: SavedSeed): Promise<void> {
  const vector = (values: Float32Array) => storeTensor(values, [values.length], 'F32')
  const tensors = new Map<string, StoredTensor>([
    ['parameters', vector(state.parameters)],
    ['first_moment', vector(state.firstMoment)],
    ['second_moment', vector(state.secondMoment)],
    ...reached.map(({ name, weights }): [string, StoredTensor] => [`reached.${name}`, vector(weights)]),
    ...(best === undefined ? [] : [['best', vector(best.weights)] as [string, StoredTensor]]),
  ])
  const losses = reached.map(({ name, validationLoss }) => ({ name, validationLoss }))
  const bytes = writeSafetensors(tensors, {
    key,
    steps: String(state.steps),
    reached: JSON.stringify(losses),
    ...(best && { best: JSON.stringify({ epoch: best.epoch, evaluated: best.evaluated, loss: best.loss }) }),
  })
  await mkdir(dirname(file), { recursive: true })
  // A process whose parent was killed may still be writing when the next one begins.
  const path = `${file}.${process.pid}.draft`
  const draft = await open(path, 'w')
  try {
    await draft.writeFile(bytes)
    await draft.sync()
  } finally {
    await draft.close()
  }
  await rename(path, file)
}

/**
 * @returns undefined where nothing was saved, or what lies there is of another run or broken: the run then begins anew,
 *   which costs time and changes no bit
 */
export async function readSavedSeed(file: string, key: string): Promise<SavedSeed | undefined> {
  try {
    const { tensors, metadata } = readSafetensors(await readFile(file))
    if (metadata.key !== key) return undefined
    const vector = (name: string) => toFloat32(tensors.get(name)!)
    return {
      state: {
        parameters: vector('parameters'),
        firstMoment: vector('first_moment'),
        secondMoment: vector('second_moment'),
        steps: Number(metadata.steps),
      },
      reached: Reached.parse(JSON.parse(metadata.reached!)).map(({ name, validationLoss }) => ({
        name,
        validationLoss,
        weights: vector(`reached.${name}`),
      })),
      ...(metadata.best !== undefined && {
        best: { ...Best.parse(JSON.parse(metadata.best)), weights: vector('best') },
      }),
    }
  } catch {
    return undefined
  }
}
