import { HeadRecipe } from '@openledger/protocol'
import { TrainingError } from '../error.ts'
import type { HeadKind } from './features/extractors.ts'

const COMMON = { textColumn: 'text', labelColumn: 'label', ridge: 1e-3, validationShare: 0.2 } as const

/** What each kind of head is trained with unless one says otherwise. */
export const DEFAULT_HEAD_RECIPES: Readonly<Record<HeadKind, HeadRecipe>> = {
  'image-head': { kind: 'image-head', label: 'folder', ...COMMON },
  'audio-head': { kind: 'audio-head', label: 'folder', ...COMMON },
  'text-head': { kind: 'text-head', label: 'column', ...COMMON },
}

/** @throws {TrainingError} `training.recipe_invalid` with the first field that is wrong */
export function requireHeadRecipe(recipe: HeadRecipe): void {
  const fault = HeadRecipe.safeParse(recipe).error?.issues[0]
  const { kind, label, ridge, validationShare } = recipe
  if (fault !== undefined) throw invalid(fault.path.join('.') || 'recipe', fault.message)
  if (label === 'column' && kind !== 'text-head') throw invalid('label', 'only texts have columns: label by folder')
  if (!(ridge >= 1e-6 && ridge <= 1e3)) throw invalid('ridge', 'a number from 0.000001 to 1000')
  if (!(validationShare > 0 && validationShare <= 0.5)) throw invalid('validationShare', 'above 0, at most 0.5')
}

function invalid(field: string, expected: string): TrainingError {
  return new TrainingError('training.recipe_invalid', `The recipe's ${field} is wrong: ${expected}.`, {
    facts: { field, expected },
    nextStep: 'Correct the recipe; DEFAULT_HEAD_RECIPES has one that works for each kind.',
  })
}
