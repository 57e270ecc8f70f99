/** What can be trained here, by the `kind` of a recipe: each with its default recipe and the function that does it. */
import type { ModelConfig } from '@openledger/language-model'
import { TrainingError } from './error.ts'
import { DEFAULT_RECIPE, type Recipe, requireRecipe } from './recipe.ts'
import { trainAdapter } from './train-adapter.ts'

export type TrainingKind = {
  modality: 'text' | 'image' | 'audio'
  recipe: Recipe
  /** @throws {TrainingError} `training.recipe_invalid` */
  check(recipe: Recipe, config: ModelConfig): void
  train: typeof trainAdapter
}

export const KINDS: Readonly<Record<string, TrainingKind>> = {
  lora: { modality: 'text', recipe: DEFAULT_RECIPE, check: requireRecipe, train: trainAdapter },
}

/**
 * A recipe as people write it: what it leaves out is that of its kind's default.
 *
 * @param given `kind` ("lora" when left out) and any fields of that kind's recipe
 * @throws {TrainingError} `training.recipe_invalid` for a kind or a field that there is not, or one of another type
 */
export function readRecipe(given: Readonly<Record<string, unknown>>): {
  kind: TrainingKind
  name: string
  recipe: Recipe
} {
  const { kind: name = 'lora', ...fields } = given
  const kind = typeof name === 'string' && Object.hasOwn(KINDS, name) ? KINDS[name] : undefined
  if (kind === undefined) throw invalid('kind', name, `one of ${Object.keys(KINDS).join(', ')}`)
  const usual = kind.recipe as Readonly<Record<string, unknown>>
  for (const [field, value] of Object.entries(fields)) {
    if (!Object.hasOwn(usual, field))
      throw invalid(field, value, `a field of the recipe: ${Object.keys(usual).join(', ')}`)
    if (typeOf(value) !== typeOf(usual[field])) throw invalid(field, value, `of the type ${typeOf(usual[field])}`)
  }
  return { kind, name: String(name), recipe: { ...kind.recipe, ...fields } as Recipe }
}

/** `number[]` for an array of numbers. */
function typeOf(value: unknown): string {
  if (!Array.isArray(value)) return value === null ? 'null' : typeof value
  return `${[...new Set(value.map(typeOf))].join('|')}[]`
}

function invalid(field: string, value: unknown, expected: string): TrainingError {
  return new TrainingError('training.recipe_invalid', `The recipe's ${field.slice(0, 40)} is not ${expected}.`, {
    facts: { field: field.slice(0, 40), value: JSON.stringify(value)?.slice(0, 100) ?? 'undefined', expected },
    nextStep: 'Correct the recipe; `openledger train offer` shows what each kind takes.',
  })
}
