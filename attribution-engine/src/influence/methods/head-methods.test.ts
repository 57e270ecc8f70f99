import { seededRandom } from '@openledger/language-model'
import { inverse, Matrix } from 'ml-matrix'
import { describe, expect, test } from 'vitest'
import { fitHead, type HeadData, headHessian, headLosses, headRowGradients } from '../softmax-head.ts'
import { addGradient, type TwoLayerRecipe, trainTwoLayer, twoLayerLosses } from '../two-layer-head.ts'
import { exactHessian } from './exact-hessian.ts'
import { leaveOneOut } from './leave-one-out.ts'
import { unrolledAdjoint } from './unrolled-adjoint.ts'

function blobs(rows: number, seed: number, dimensions = 4, classes = 3): HeadData {
  const random = seededRandom(seed)
  const labels = Array.from({ length: rows }, (_, i) => i % classes)
  const inputs = Float64Array.from({ length: rows * dimensions }, (_, at) => {
    const [row, d] = [Math.floor(at / dimensions), at % dimensions]
    return d === dimensions - 1 ? 1 : random.normal() + (labels[row] === d ? 1.5 : 0)
  })
  return { inputs, dimensions, labels, classes }
}

const data = blobs(30, 1)
const targets = blobs(8, 2)
const RIDGE = 0.5
const fitted = fitHead(data, RIDGE)

describe('a softmax head', () => {
  test('is fitted when its gradient vanishes', () => {
    const sum = headRowGradients(data, fitted.parameters).sum('column')
    for (const [p, value] of fitted.parameters.entries()) expect(Math.abs(sum[p]! + RIDGE * value)).toBeLessThan(1e-7)
  })

  test('a fit that cannot end is refused: without a ridge, or of inputs that are no numbers', () => {
    const failed = expect.objectContaining({ code: 'influence.fit_failed' })
    const separable: HeadData = { inputs: Float64Array.of(-1, 1), dimensions: 1, labels: [0, 1], classes: 2 }
    expect(() => fitHead(separable, 0)).toThrowError(failed)
    const undefinedInputs = { ...data, inputs: data.inputs.map(() => Number.NaN) }
    expect(() => fitHead(undefinedInputs, RIDGE)).toThrowError(failed)
  })

  test('approximate leave-one-out is one exact Newton step, found without inverting anything for each record', async () => {
    const scores = await (await leaveOneOut.cache({ data, fitted })).attribute(targets)
    const gradients = headRowGradients(data, fitted.parameters)
    const base = headLosses(targets, fitted.parameters)
    for (const i of [0, 7, 29]) {
      const subset = Array.from({ length: 30 }, (_, row) => row).filter((row) => row !== i)
      const inverted = inverse(headHessian(data, fitted.parameters, RIDGE, subset))
      const step = inverted.mmul(Matrix.columnVector(gradients.getRow(i))).to1DArray()
      const losses = headLosses(
        targets,
        fitted.parameters.map((value, p) => value + step[p]!),
      )
      for (const [t, loss] of losses.entries()) expect(scores[t * 30 + i]).toBeCloseTo(loss - base[t]!, 9)
    }
  })

  test('one Newton step is nearly the fit without the record', async () => {
    const scores = await (await leaveOneOut.cache({ data, fitted })).attribute(targets)
    const base = headLosses(targets, fitted.parameters)
    let [both, squares, truths] = [0, 0, 0]
    for (let i = 0; i < 30; i++) {
      const subset = Array.from({ length: 30 }, (_, row) => row).filter((row) => row !== i)
      headLosses(targets, fitHead(data, RIDGE, { subset }).parameters).forEach((loss, t) => {
        const [truth, score] = [loss - base[t]!, scores[t * 30 + i]!]
        both += truth * score
        squares += score ** 2
        truths += truth ** 2
      })
    }
    expect(both / Math.sqrt(squares * truths)).toBeGreaterThan(0.99)
  })

  test('exact-Hessian influence is the derivative of a target’s loss by a record’s weight', async () => {
    const scores = await (await exactHessian.cache({ data, fitted })).attribute(targets)
    const extra = 1e-3
    const change = headLosses(targets, fitWeighed(3, extra)).map(
      (loss, t) => loss - headLosses(targets, fitWeighed(3, -extra))[t]!,
    )
    for (const [t, value] of change.entries()) expect(-value / (2 * extra)).toBeCloseTo(scores[t * 30 + 3]!, 5)
  })

  /** The fit in which one record weighs 1 + extra, by plain gradient descent. */
  function fitWeighed(row: number, extra: number): Float64Array {
    const theta = fitted.parameters.slice()
    for (let step = 0; step < 4000; step++) {
      const rows = headRowGradients(data, theta)
      const sum = rows.sum('column')
      let norm = 0
      theta.forEach((value, p) => {
        const gradient = sum[p]! + extra * rows.get(row, p) + RIDGE * value
        norm += gradient ** 2
        theta[p]! -= 0.05 * gradient
      })
      if (norm < 1e-24) break
    }
    return theta
  }
})

describe('a two-layer head', () => {
  const recipe: TwoLayerRecipe = { hidden: 5, rate: 0.2, decay: 1e-3, epochs: 4, batchSize: 10 }
  const all = Array.from({ length: 30 }, (_, row) => row)
  const trained = trainTwoLayer(data, recipe, 7, all)

  test('has the gradient of its loss', () => {
    const gradient = new Float64Array(trained.parameters.length)
    addGradient(gradient, data, recipe, trained.parameters, 4)
    gradient.forEach((value, p) => {
      const at = (shift: number) => {
        const moved = trained.parameters.slice()
        moved[p]! += shift
        return twoLayerLosses(data, recipe, moved)[4]!
      }
      expect((at(1e-5) - at(-1e-5)) / 2e-5).toBeCloseTo(value, 7)
    })
  })

  test('the adjoint is the derivative of the whole training by a record’s weight', async () => {
    const scores = await (await unrolledAdjoint.cache({ data, recipe, trained })).attribute(targets)
    const record = 11
    const lossAt = (weight: number) => {
      let parameters = trained.steps[0]!.parameters
      for (const { batch } of trained.steps) {
        const gradient = new Float64Array(parameters.length)
        for (const row of batch) {
          addGradient(gradient, data, recipe, parameters, row, (row === record ? weight : 1) / batch.length)
        }
        parameters = parameters.map((value, p) => value - recipe.rate * (gradient[p]! + recipe.decay * value))
      }
      return twoLayerLosses(targets, recipe, parameters)
    }
    expect(lossAt(1)).toEqual(twoLayerLosses(targets, recipe, trained.parameters))
    const [more, less] = [lossAt(1 + 1e-4), lossAt(1 - 1e-4)]
    for (const [t, loss] of more.entries()) expect(-(loss - less[t]!) / 2e-4).toBeCloseTo(scores[t * 30 + record]!, 5)
  })

  test('the same seed trains the same', () => {
    expect(trainTwoLayer(data, recipe, 7, all).parameters).toEqual(trained.parameters)
    expect(trainTwoLayer(data, recipe, 8, all).parameters).not.toEqual(trained.parameters)
  })
})
