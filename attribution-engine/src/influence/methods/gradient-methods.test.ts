import { seededRandom } from '@openledger/language-model'
import { inverse, Matrix } from 'ml-matrix'
import { describe, expect, test } from 'vitest'
import { createMatrixProduct } from '../../features/matrix-product.ts'
import { dataInf } from './data-inf.ts'
import { empiricalFisher } from './empirical-fisher.ts'
import { gaussNewton } from './gauss-newton.ts'
import { gradientDot } from './gradient-dot.ts'
import type { Gradients } from './method.ts'
import { overCheckpoints, sumOfStandardised } from './over-checkpoints.ts'
import { trak } from './trak.ts'

const product = await createMatrixProduct()
const PARAMETERS = 7
const LAYERS = [3, 4]

function random(rows: number, seed: number, parameters = PARAMETERS): Gradients {
  const { normal } = seededRandom(seed)
  return { values: Float32Array.from({ length: rows * parameters }, normal), parameters }
}

const training = random(6, 1)
const targets = random(4, 2)
const matrixOf = ({ values, parameters }: Gradients) =>
  Matrix.from1DArray(values.length / parameters, parameters, values)

function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, relative: number): void {
  const size = Math.max(...Array.from(expected, Math.abs))
  expect(actual.length).toBe(expected.length)
  for (let i = 0; i < actual.length; i++) expect(Math.abs(actual[i]! - expected[i]!) / size).toBeLessThan(relative)
}

/** g_t · (Σ_i g_i g_iᵀ / n + lambda I)^-1 g_k, by the inverse itself. */
function byInverse(curvature: Gradients, damping: number): number[] {
  const C = matrixOf(curvature)
  const F = C.transpose().mmul(C).div(C.rows)
  const damped = F.clone().add(Matrix.eye(PARAMETERS).mul(damping * F.trace()))
  return matrixOf(targets).mmul(inverse(damped)).mmul(matrixOf(training).transpose()).to1DArray()
}

describe('methods by gradients', () => {
  test('DataInf is its published formula: the mean of damped inverses, layer by layer, to 1e-6', async () => {
    const [G, V] = [matrixOf(training), matrixOf(targets)]
    const expected = new Matrix(V.rows, G.rows)
    let start = 0
    for (const length of LAYERS) {
      const part = (matrix: Matrix) => matrix.subMatrix(0, matrix.rows - 1, start, start + length - 1)
      const [g, v] = [part(G), part(V)]
      const lambda = (0.1 * g.clone().mul(g).sum()) / (g.rows * length)
      const mean = new Matrix(length, length)
      for (let i = 0; i < g.rows; i++) {
        const column = Matrix.columnVector(g.getRow(i))
        mean.add(inverse(column.mmul(column.transpose()).add(Matrix.eye(length).mul(lambda))).div(g.rows))
      }
      expected.add(v.mmul(mean).mmul(g.transpose()))
      start += length
    }
    const scores = await (await dataInf(LAYERS).cache(training)).attribute(targets)
    expectClose(scores, expected.to1DArray(), 1e-6)
  })

  test('DataInf of a layer that no record moves is that of the other layers', async () => {
    const padded = (gradients: Gradients): Gradients => {
      const rows = gradients.values.length / PARAMETERS
      const values = new Float32Array(rows * (PARAMETERS + 2))
      for (let row = 0; row < rows; row++) {
        values.set(gradients.values.subarray(row * PARAMETERS, (row + 1) * PARAMETERS), row * (PARAMETERS + 2))
      }
      return { values, parameters: PARAMETERS + 2 }
    }
    const plain = await (await dataInf(LAYERS).cache(training)).attribute(targets)
    expect(await (await dataInf([...LAYERS, 2]).cache(padded(training))).attribute(padded(targets))).toEqual(plain)
  })

  test.each([1e-4, 1e-2, 1])('Gauss-Newton with damping %d is the inverse of the damped curvature', async (damping) => {
    const curvature = random(20, 3)
    const attributor = await gaussNewton(product, damping).cache({ ...training, curvature: curvature.values })
    expectClose(await attributor.attribute(targets), byInverse(curvature, damping), 2e-3)
  })

  test('the empirical Fisher is the curvature of the records themselves', async () => {
    const scores = await (await empiricalFisher(product, 0.5).cache(training)).attribute(targets)
    expectClose(scores, byInverse(training, 0.5), 1e-4)
  })

  test('under overwhelming damping all curvature is a multiple of the dot product', async () => {
    const dots = await (await gradientDot(product).cache(training)).attribute(targets)
    const damped = await (await empiricalFisher(product, 1e6).cache(training)).attribute(targets)
    const trace = matrixOf(training).mul(matrixOf(training)).sum() / 6
    expectClose(
      damped.map((score) => score * 1e6 * trace),
      dots,
      1e-4,
    )
    expect(dots[0]).toBeCloseTo(
      training.values.subarray(0, 7).reduce((s, g, p) => s + g * targets.values[p]!, 0),
      5,
    )
  })

  test('TRAK of a target that is a record picks that record out, weighed by 1 − p', async () => {
    const probabilities = [0.1, 0.2, 0.3, 0.4, 0.5, 0.9]
    const few = { ...random(6, 4, 400), probabilities }
    const scores = await (await trak(product, 128).cache(few)).attribute(few)
    // Φ(ΦᵀΦ)^-1Φᵀ of fewer rows than dimensions is the identity, but for the ridge; targets have no factor 1/(1 − p).
    for (let t = 0; t < 6; t++) {
      for (let i = 0; i < 6; i++) {
        const expected = t === i ? (1 - probabilities[i]!) ** 2 : 0
        expect(scores[t * 6 + i]).toBeCloseTo(expected, 1)
      }
    }
  })

  test('several checkpoints weigh alike however large their gradients are', async () => {
    const large = { ...training, values: training.values.map((value) => value * 1000) }
    const method = overCheckpoints(gradientDot(product))
    const once = await (await method.cache([training])).attribute([targets])
    const twice = await (await method.cache([training, large])).attribute([targets, targets])
    expectClose(
      twice,
      once.map((score) => 2 * score),
      1e-6,
    )
  })

  test('scores that are all equal add nothing', () => {
    expect(sumOfStandardised([Float64Array.of(5, 5), Float64Array.of(0, 2)])).toEqual(Float64Array.of(0, 2))
  })
})
