import { seededRandom } from '@openledger/language-model'
import { inverse, Matrix } from 'ml-matrix'
import { beforeAll, describe, expect, test } from 'vitest'
import { createMatrixProduct, type MatrixProduct } from './matrix-product.ts'
import { createPreconditioner } from './precondition.ts'
import { packSigns, quantiseLayer, quantiseScales, rowMagnitudes, SCALE_LIMIT } from './quantise.ts'

const P = 30
const random = seededRandom(11)
const draw = (rows: number, columns = P) => Float32Array.from({ length: rows * columns }, () => random.normal())
const matrixOf = (values: Float32Array, columns: number) => Matrix.from1DArray(values.length / columns, columns, values)

let product: MatrixProduct
beforeAll(async () => {
  product = await createMatrixProduct()
})

describe('matrix products', () => {
  test('equal the sum over the inner index', async () => {
    const [a, b] = [draw(7, 13), draw(5, 13)]
    const expected = matrixOf(a, 13).mmul(matrixOf(b, 13).transpose()).to1DArray()
    expectClose(await product.timesTransposed(a, b, 13), expected, 1e-5)
    const flipped = Float32Array.from(matrixOf(b, 13).transpose().to1DArray())
    expectClose(await product.times(a, flipped, 13), expected, 1e-5)
  })
})

describe('preconditioned gradients', () => {
  test.each([
    ['fewer curvature rows than parameters', 12],
    ['more', 70],
  ])('equal the explicit inverse (F + lambda I)^-1 g with %s', async (_, m) => {
    const [curvature, gradients] = [draw(m), draw(4)]
    const damping = 1e-2
    const fisher = matrixOf(curvature, P).transpose().mmul(matrixOf(curvature, P)).div(m)
    const lambda = damping * fisher.trace()
    const solved = inverse(fisher.add(Matrix.eye(P, P, lambda))).mmul(matrixOf(gradients, P).transpose())
    const psi = await (await createPreconditioner(curvature, P, product, damping)).apply(gradients)
    expectClose(psi, solved.transpose().to1DArray(), 1e-3)
  })

  test('are refused where there is no curvature', async () => {
    await expect(createPreconditioner(new Float32Array(3 * P), P, product)).rejects.toMatchObject({
      code: 'features.no_curvature',
    })
    await expect(createPreconditioner(draw(3).fill(Number.NaN), P, product)).rejects.toMatchObject({
      code: 'features.no_curvature',
    })
  })
})

describe('quantised features', () => {
  test('have one bit a coordinate, least significant first, 1 = negative; rows begin at a byte', () => {
    const values = Float32Array.of(-1, 0, 2, -3, 1, 1, 1, -1, -1, 5, 5, 5, 5, 5, 5, 5, 5, 5)
    expect([...packSigns(values, 9)]).toEqual([0b10001001, 0b1, 0, 0])
  })

  test('have the magnitude for which signs are nearest to the row', () => {
    const row = draw(1)
    const [magnitude] = rowMagnitudes(row, P)
    const distance = (scale: number) => row.reduce((sum, value) => sum + (value - scale * Math.sign(value)) ** 2, 0)
    for (const other of [0.98, 1.02]) expect(distance(magnitude!)).toBeLessThan(distance(magnitude! * other))
  })

  test.each([1e-9, 0.3, 1, 2 ** 24 - 0.5, 2 ** 24, 7e11])(
    'scales up to %d are off by at most half a unit',
    (largest) => {
      const scales = Float64Array.of(0, largest / 1e5, largest / 3, largest)
      const quantised = quantiseScales(scales)
      const unit = 2 ** quantised.scaleExponent
      for (const [i, scale] of scales.entries()) {
        expect(Math.abs(quantised.scales[i]! * unit - scale)).toBeLessThanOrEqual(unit / 2)
      }
      expect(quantised.scales[3]).toBeLessThan(SCALE_LIMIT)
      expect(quantised.scales[3]).toBeGreaterThanOrEqual(SCALE_LIMIT / 2 - 1)
    },
  )

  test('give scores of unit standard deviation between different records', async () => {
    const [psi, gradients] = [draw(9), draw(9).map((value) => value * 1e-3)]
    const layer = await quantiseLayer(psi, gradients, P, product)
    const stride = Math.ceil(P / 8)
    const scores: number[] = []
    for (let i = 0; i < 9; i++) {
      for (let j = 0; j < 9; j++) {
        if (i === j) continue
        const query = gradients.subarray(j * P, (j + 1) * P)
        const norm = Math.hypot(...query)
        const sign = (p: number) => ((layer.signs[i * stride + (p >> 3)]! >> (p & 7)) & 1 ? -1 : 1)
        const dot = query.reduce((sum, value, p) => sum + sign(p) * value, 0)
        scores.push((layer.scales[i]! * 2 ** layer.scaleExponent * dot) / norm)
      }
    }
    const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length
    const variance = scores.reduce((sum, score) => sum + (score - mean) ** 2, 0) / scores.length
    expect(variance).toBeCloseTo(1, 4)
  })

  test('records that all influence each other alike are refused', async () => {
    const same = Float32Array.from({ length: 3 * P }, () => 1)
    await expect(quantiseLayer(same, same, P, product)).rejects.toMatchObject({ code: 'features.degenerate' })
  })
})

/** Within `tolerance` of the largest expected value. */
function expectClose(actual: Float32Array, expected: readonly number[], tolerance: number): void {
  expect(actual).toHaveLength(expected.length)
  const largest = Math.max(...expected.map(Math.abs))
  const error = Math.max(...expected.map((value, i) => Math.abs(actual[i]! - value)))
  expect(error).toBeLessThan(tolerance * largest)
}
