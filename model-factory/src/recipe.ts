/** How an adapter is trained: all that decides the result beside the base and the records. */
import { type LoraConfig, type ModelConfig, PROJECTIONS, type Projection } from '@openledger/language-model'
import type { TrainingManifest } from '@openledger/protocol'
import { TrainingError } from './error.ts'

export type Recipe = TrainingManifest['recipe']

/** What the demo uses: on the shipped base, 61,440 parameters. */
export const DEFAULT_RECIPE: Recipe = {
  rank: 4,
  alpha: 8,
  targets: ['q', 'v', 'o', 'up', 'down'],
  learningRate: 0.01,
  warmupSteps: 6,
  epochs: 2,
  batchSize: 8,
  contextTokens: 128,
  seeds: [1, 2],
  validationShare: 0.1,
  dropout: 0,
  schedule: 'linear',
  patience: 0,
  isPacked: false,
  promptTemplate: '',
  completionTemplate: '',
  learnsPrompt: false,
  baseBits: 32,
}

/** The recipe's LoRA shape. */
export function loraOf(recipe: Recipe): LoraConfig {
  return { rank: recipe.rank, alpha: recipe.alpha, targets: recipe.targets as Projection[] }
}

/** @throws {TrainingError} `training.recipe_invalid` with the first field that is wrong */
export function requireRecipe(recipe: Recipe, config: ModelConfig): void {
  const { dropout = 0, patience = 0, schedule = 'linear', seeds, targets } = recipe
  const checks: [field: keyof Recipe, isValid: boolean, expected: string][] = [
    ['rank', isCount(recipe.rank, 256), 'an integer from 1 to 256'],
    ['alpha', recipe.alpha > 0 && Number.isFinite(recipe.alpha), 'a number above 0'],
    ['targets', targets.length > 0 && isSetOf(targets, PROJECTIONS), `some of ${PROJECTIONS.join(', ')}, each once`],
    ['learningRate', recipe.learningRate > 0 && recipe.learningRate <= 1, 'a number above 0, at most 1'],
    ['warmupSteps', Number.isInteger(recipe.warmupSteps) && recipe.warmupSteps >= 0, 'an integer from 0'],
    // Two whole epochs are the least at which attribution has its checkpoints.
    ['epochs', isCount(recipe.epochs, 1000) && recipe.epochs >= 2, 'an integer from 2 to 1000'],
    ['batchSize', isCount(recipe.batchSize, 1024), 'an integer from 1 to 1024'],
    [
      'contextTokens',
      isCount(recipe.contextTokens, config.maxPositions),
      `an integer from 1 to ${config.maxPositions}`,
    ],
    ['seeds', seeds.length >= 2 && isSetOf(seeds, seeds) && seeds.every(isSeed), 'two different integers or more'],
    ['dropout', dropout >= 0 && dropout < 1, 'from 0 to below 1'],
    ['schedule', ['linear', 'cosine', 'constant'].includes(schedule), 'linear, cosine or constant'],
    // The second epoch must differ from the best one, for attribution asks for both.
    [
      'patience',
      patience === 0 || (isCount(patience, 1000) && recipe.epochs >= 3),
      '0, or with three epochs or more an integer from 1 to 1000',
    ],
    ['baseBits', [8, 32].includes(recipe.baseBits ?? 32), '8 or 32'],
    [
      'promptTemplate',
      (recipe.promptTemplate ?? '') === '' || (recipe.completionTemplate ?? '') !== '',
      'empty without a completionTemplate',
    ],
    ['validationShare', recipe.validationShare > 0 && recipe.validationShare <= 0.5, 'above 0, at most 0.5'],
  ]
  const wrong = checks.find(([, isValid]) => !isValid)
  if (wrong === undefined) return
  const [field, , expected] = wrong
  throw new TrainingError('training.recipe_invalid', `The recipe's ${field} is not ${expected}.`, {
    facts: { field, value: String(recipe[field]).slice(0, 100), expected },
    nextStep: 'Correct the recipe; DEFAULT_RECIPE is one that works.',
  })
}

function isCount(value: number, max: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= max
}

function isSeed(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value < 2 ** 32
}

function isSetOf<T>(values: readonly T[], allowed: readonly T[]): boolean {
  return new Set(values).size === values.length && values.every((value) => allowed.includes(value))
}
