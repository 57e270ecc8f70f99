import { expect, it } from 'vitest'
import { seededRandom } from './random.ts'

it('the same seed gives the same numbers', () => {
  const draw = (seed: number) => Array.from({ length: 5 }, seededRandom(seed).uniform)
  expect(draw(1)).toEqual(draw(1))
  expect(draw(1)).not.toEqual(draw(2))
})

it('normal numbers have mean 0 and variance 1', () => {
  const random = seededRandom(3)
  const values = Array.from({ length: 20_000 }, () => random.normal())
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length
  expect(mean).toBeCloseTo(0, 1)
  expect(variance).toBeCloseTo(1, 1)
})

it('a shuffle keeps every item', () => {
  const items = Array.from({ length: 50 }, (_, i) => i)
  const shuffled = seededRandom(4).shuffle(items)
  expect(shuffled).not.toEqual(items)
  expect(shuffled.toSorted((a, b) => a - b)).toEqual(items)
})
