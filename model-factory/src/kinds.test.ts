import { expect, it } from 'vitest'
import { readRunSpec } from './jobs/run-spec.ts'
import { KINDS, readRecipe } from './kinds.ts'

it('a recipe that says nothing is the default of LoRA', () => {
  expect(readRecipe({})).toEqual({ kind: KINDS.lora, name: 'lora', recipe: KINDS.lora!.recipe })
  expect(readRecipe({ kind: 'lora', rank: 8 }).recipe).toEqual({ ...KINDS.lora!.recipe, rank: 8 })
})

it.each([
  [{ kind: 'magic' }, 'kind'],
  [{ kind: 'toString' }, 'kind'],
  [{ speed: 3 }, 'speed'],
  [{ rank: '8' }, 'rank'],
  [{ seeds: ['a'] }, 'seeds'],
  [{ targets: null }, 'targets'],
])('refuses %j by its field', (given, field) => {
  expect(() => readRecipe(given)).toThrow(
    expect.objectContaining({ code: 'training.recipe_invalid', facts: expect.objectContaining({ field }) }),
  )
})

const DATANET = `0x${'d1'.repeat(32)}`

it('a request has limits when it names none', () => {
  expect(readRunSpec({ name: 'a', datanets: [DATANET] })).toMatchObject({
    maxSeconds: 21_600,
    maxMemoryMb: 4_096,
    royaltyPpm: 0,
  })
})

it.each([
  ['no Datanet', { name: 'a', datanets: [] }],
  ['a Datanet twice', { name: 'a', datanets: [DATANET, { id: DATANET, asOfBlock: 3 }] }],
  ['a field that there is not', { name: 'a', datanets: [DATANET], speed: 'fast' }],
  ['more than a day', { name: 'a', datanets: [DATANET], maxSeconds: 86_400 }],
  ['no name', { name: ' ', datanets: [DATANET] }],
])('refuses a request with %s', (_, request) => {
  expect(() => readRunSpec(request)).toThrow(expect.objectContaining({ code: 'manifest.malformed' }))
})
