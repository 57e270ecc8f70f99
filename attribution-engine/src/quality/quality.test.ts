import { seededRandom } from '@openledger/language-model'
import { describe, expect, test } from 'vitest'
import { fitHead, type HeadData } from '../influence/softmax-head.ts'
import { crossFitLoss } from './cross-fit-loss.ts'
import { dataOob } from './data-oob.ts'
import { selfInfluence } from './self-influence.ts'

const WRONG = 17
const random = seededRandom(3)
const labels = Array.from({ length: 40 }, (_, i) => i % 2)
/** Two groups far apart, and one record of the first that says it is of the second. */
const data: HeadData = {
  inputs: Float64Array.from({ length: 80 }, (_, at) =>
    at % 2 === 1 ? 1 : 0.3 * random.normal() + (labels[at >> 1] === 1 ? 2 : -2),
  ),
  dimensions: 2,
  labels: labels.map((label, i) => (i === WRONG ? 1 - label : label)),
  classes: 2,
}

const argmax = (values: Float64Array) => values.indexOf(Math.max(...values))

describe('quality', () => {
  test('Data-OOB: a wrong label is contradicted by all models that did not see it, a right one by none', () => {
    const quality = dataOob(data, { bootstraps: 60 })
    expect(quality[WRONG]).toBe(0)
    expect([...quality].filter((value) => value === 1).length).toBe(39)
  })

  test('Data-OOB of the same seed is the same', () => {
    expect(dataOob(data, { bootstraps: 20, seed: 4 })).toEqual(dataOob(data, { bootstraps: 20, seed: 4 }))
  })

  test('Data-OOB says nothing of a record that every model saw', () => {
    const one: HeadData = { ...data, inputs: data.inputs.slice(0, 2), labels: [0] }
    expect([...dataOob(one, { bootstraps: 3 })]).toEqual([Number.NaN])
  })

  test('self-influence is positive and largest for the wrong label', () => {
    const values = selfInfluence(data, fitHead(data, 0.5))
    expect(Math.min(...values)).toBeGreaterThan(0)
    expect(argmax(values)).toBe(WRONG)
  })

  test('self-influence of a single record: the closed form', () => {
    const single: HeadData = { inputs: Float64Array.of(1), dimensions: 1, labels: [0], classes: 2 }
    const fitted = fitHead(single, 0.5)
    // At the minimum g = −r theta, and g is what remains of the error: both classes' errors are opposite.
    const [value] = selfInfluence(single, fitted)
    const gradient = -0.5 * fitted.parameters[0]!
    const p = Math.abs(gradient)
    // H restricted to (1, −1): 2 p (1 − p) + r; the gradient is g (1, −1).
    expect(value).toBeCloseTo((2 * gradient * gradient) / (2 * p * (1 - p) + 0.5), 9)
  })

  test('cross-fit loss is largest for the wrong label, whatever the folds', () => {
    for (const seed of [1, 2, 3]) expect(argmax(crossFitLoss(data, 0.5, 4, seed))).toBe(WRONG)
  })
})
