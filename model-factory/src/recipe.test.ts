import { expect, it } from 'vitest'
import { DEFAULT_RECIPE, type Recipe, requireRecipe } from './recipe.ts'
import { TINY } from './testing/tiny-base.ts'

const context = { contextTokens: TINY.maxPositions }

it('the default recipe is one that works', () => {
  expect(() => requireRecipe({ ...DEFAULT_RECIPE, ...context }, TINY)).not.toThrow()
})

it.each<Partial<Recipe>>([
  { rank: 0 },
  { alpha: Number.NaN },
  { targets: [] },
  { targets: ['q', 'q'] },
  { targets: ['lm_head'] },
  { learningRate: 0 },
  { warmupSteps: -1 },
  { epochs: 1 },
  { batchSize: 0.5 },
  { contextTokens: TINY.maxPositions + 1 },
  { seeds: [1] },
  { seeds: [1, 1] },
  { seeds: [1, -1] },
  { dropout: 1 },
  { dropout: -0.1 },
  { schedule: 'step' as 'linear' },
  { patience: 1 }, // with two epochs
  { patience: 0.5, epochs: 4 },
  { baseBits: 4 as 8 },
  { promptTemplate: '{q}' }, // without a completion
  { validationShare: 0 },
  { validationShare: 0.6 },
])('a recipe with %j is refused', (change) => {
  const [field] = Object.keys(change)
  expect(() => requireRecipe({ ...DEFAULT_RECIPE, ...context, ...change }, TINY)).toThrow(
    expect.objectContaining({ code: 'training.recipe_invalid', facts: expect.objectContaining({ field }) }),
  )
})
