/** One training run of an adapter: the same base, sequences, recipe and seed give the same bytes on the same machine. */
import {
  type AdapterWeights,
  type BaseModel,
  type Example,
  initialAdapter,
  LossMeter,
  seededRandom,
  type Trained,
  Trainer,
} from '@openledger/language-model'
import type { CheckpointName } from '@openledger/protocol'
import { epochBatches, layRows, measuringBatches } from './batches.ts'
import { TrainingError } from './error.ts'
import { loraOf, type Recipe } from './recipe.ts'
import { type BestEpoch, readSavedSeed, saveSeed } from './seed-checkpoint.ts'

export type SeedTask = {
  base: BaseModel
  recipe: Recipe
  seed: number
  training: Example[]
  validation: Example[]
  /** Where the run is saved, so that it goes on from there after it was cut off; not saved when left out. */
  saving?: Saving
  /** Resident bytes that the process may take; no limit when left out. */
  maxBytes?: number
}

export type Saving = {
  file: string
  /** Names all that decides the run's bytes. */
  key: string
  /** At most so often within an epoch; 0 for after every step. */
  everyMs: number
}

export type SeedProgress =
  | {
      kind: 'step'
      seed: number
      step: number
      steps: number
      loss: number
      /** That this step predicted. */
      tokens: number
    }
  | { kind: 'validated'; seed: number; checkpoint: CheckpointName; loss: number }

export type SeedResult = {
  seed: number
  checkpoints: { name: CheckpointName; weights: AdapterWeights; validationLoss: number }[]
}

/** Betas of AdamW for adapters: runs are short, so the second moment forgets sooner than the usual 0.999. */
const OPTIMISER = { beta1: 0.9, beta2: 0.98, epsilon: 1e-8, weightDecay: 0, maxGradientNorm: 1 }

/** The learning rate ends at this part of its peak. */
const FINAL_RATE = 0.1

/**
 * A run that was saved goes on where it was: it draws what the steps already done drew, and computes nothing of them again.
 * So whatever a step draws must come from `random` in the order of the steps, or from the seed and the step alone.
 *
 * @throws {TrainingError} `training.diverged` at the first loss or gradient that is no number, `training.memory_exceeded`
 */
export async function trainSeed(task: SeedTask, onProgress: (progress: SeedProgress) => void): Promise<SeedResult> {
  const { base, recipe, seed, training, validation } = task
  const { config, weights } = base
  const lora = loraOf(recipe)
  const { baseBits = 32, dropout = 0, isPacked = false, patience = 0 } = recipe
  const trained = { kind: 'lora', weights, lora, isPacked, baseBits } as const satisfies Trained
  const trainer = await Trainer.create(
    config,
    { ...trained, hasDropout: dropout > 0 },
    initialAdapter(config, lora, seed),
    OPTIMISER,
    { dropout: { rate: dropout, seed } },
  )
  const meter = await LossMeter.create(config, trained)
  const random = seededRandom(seed)
  const rows = layRows(training, recipe.contextTokens, isPacked)
  const steps = recipe.epochs * Math.ceil(rows.length / recipe.batchSize)
  const result: SeedResult = { seed, checkpoints: [] }
  const measured = measuringBatches(layRows(validation, recipe.contextTokens, isPacked), recipe.batchSize)
  const saved = task.saving && (await readSavedSeed(task.saving.file, task.saving.key))
  let best: BestEpoch | undefined = saved?.best
  if (saved !== undefined) {
    trainer.restore(saved.state)
    result.checkpoints.push(...saved.reached)
  }
  let savedAtMs = performance.now()
  const save = async () => {
    if (task.saving === undefined) return
    await saveSeed(task.saving.file, task.saving.key, {
      state: trainer.state,
      reached: result.checkpoints,
      ...(best && { best }),
    })
    savedAtMs = performance.now()
  }

  const measure = async (parameters: AdapterWeights) => {
    let loss = 0
    for (const batch of measured) loss += sum(await meter.losses(parameters, batch))
    requireFinite(loss, 'validation loss', seed, trainer.state.steps)
    return loss
  }

  const checkpoint = async (name: CheckpointName, weights = trainer.parameters) => {
    if (result.checkpoints.some((reached) => reached.name === name)) return
    const loss = await measure(weights)
    result.checkpoints.push({ name, weights, validationLoss: loss })
    await save()
    onProgress({ kind: 'validated', seed, checkpoint: name, loss })
  }

  /** Whether so many epochs have brought nothing that the best one stays. An epoch that was judged before a kill is not judged again. */
  const isExhausted = async (epoch: number) => {
    if (best === undefined || best.evaluated < epoch) {
      const loss = await measure(trainer.parameters)
      if (best === undefined || loss < best.loss) {
        best = { epoch, evaluated: epoch, loss, weights: trainer.parameters }
      } else best = { ...best, evaluated: epoch }
      await save()
    }
    return best.evaluated === epoch && epoch >= 2 && epoch - best.epoch >= patience
  }

  try {
    await checkpoint('initial')
    let drawn = 0
    for (let epoch = 1; epoch <= recipe.epochs; epoch++) {
      for (const batch of epochBatches(rows, recipe.batchSize, random)) {
        if (++drawn <= trainer.state.steps) continue
        const rate = learningRate(recipe, trainer.state.steps, steps)
        const { loss, gradientNorm } = await trainer.step(batch, rate)
        requireFinite(loss + gradientNorm, 'training loss', seed, trainer.state.steps)
        requireMemory(task.maxBytes, seed)
        if (task.saving !== undefined && performance.now() - savedAtMs >= task.saving.everyMs) await save()
        const tokens = batch.weights.reduce((count, weight) => count + (weight === 0 ? 0 : 1), 0)
        onProgress({ kind: 'step', seed, step: trainer.state.steps, steps, loss, tokens })
      }
      // With two epochs the last one has both names: attribution asks for the first, serving for the second.
      if (epoch <= 2) await checkpoint(`epoch-${epoch as 1 | 2}`)
      const isLast = epoch === recipe.epochs || (patience > 0 && (await isExhausted(epoch)))
      if (!isLast) continue
      if (patience > 0 && epoch === recipe.epochs) await isExhausted(epoch)
      await checkpoint('final', best?.weights)
      break
    }
  } finally {
    await trainer.release()
    await meter.release()
  }
  return result
}

/** Rises over the warm-up, and falls as the schedule says. */
export function learningRate(recipe: Recipe, step: number, steps: number): number {
  const warm = Math.min(1, (step + 1) / Math.max(1, recipe.warmupSteps))
  return recipe.learningRate * warm * (1 - (1 - FINAL_RATE) * fallen(recipe.schedule ?? 'linear', step / steps))
}

/** From 0 at the start to 1 at the end. */
function fallen(schedule: NonNullable<Recipe['schedule']>, done: number): number {
  if (schedule === 'constant') return 0
  return schedule === 'cosine' ? (1 - Math.cos(Math.PI * done)) / 2 : done
}

function requireFinite(value: number, what: string, seed: number, step: number): void {
  if (Number.isFinite(value)) return
  throw new TrainingError('training.diverged', `Training went wrong: the ${what} is no number any more.`, {
    facts: { seed, step },
    nextStep: 'Lower the learning rate of the recipe, and check the base model.',
  })
}

/** Between steps: within one nobody could answer. */
function requireMemory(maxBytes: number | undefined, seed: number): void {
  const bytes = process.memoryUsage.rss()
  if (maxBytes === undefined || bytes <= maxBytes) return
  throw new TrainingError('training.memory_exceeded', 'The training takes more memory than it may.', {
    facts: { seed, bytes, maxBytes },
    nextStep: 'Allow more, or lower batchSize or contextTokens of the recipe.',
  })
}

function sum(values: Float32Array): number {
  return values.reduce((total, value) => total + value, 0)
}
