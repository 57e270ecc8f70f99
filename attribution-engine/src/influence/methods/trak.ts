/**
 * TRAK: ridge-free regression on randomly projected gradients of the margin log(p / (1 − p)), weighed by 1 − p.
 *
 *   score[t, i] = phi_t · (ΦᵀΦ)^-1 phi_i (1 − p_i),   phi = −g R / ((1 − p) √k)
 *
 * @see Park et al. 2023, arXiv:2303.14186, equations 13 to 15
 *
 * With fewer records than projected dimensions ΦᵀΦ has no inverse: ours adds a small ridge and computes in the dual,
 * Φᵀ(ΦΦᵀ + ridge I)^-1. A sequence's p is exp(−mean loss of a token). Left out: the mean over many models, and soft
 * thresholding. The target's own factor scales all of its scores alike and is left out too.
 */
import { seededRandom } from '@openledger/language-model'
import { CholeskyDecomposition, Matrix } from 'ml-matrix'
import type { MatrixProduct } from '../../features/matrix-product.ts'
import type { Gradients, InfluenceMethod } from './method.ts'

export type ScaledGradients = Gradients & {
  /** Probability of each record's labels [rows], in (0, 1). */
  probabilities: ArrayLike<number>
}

const RIDGE = 1e-3

/** @param dimensions k of the projection */
export function trak(
  product: MatrixProduct,
  dimensions: number,
  seed = 0,
): InfluenceMethod<ScaledGradients, Gradients> {
  return {
    name: 'TRAK',
    async cache({ values, parameters, probabilities }) {
      const n = values.length / parameters
      const phi = await project(product, values, parameters, dimensions, seed)
      for (let i = 0; i < n; i++) {
        for (let d = 0; d < dimensions; d++) phi[i * dimensions + d]! /= 1 - probabilities[i]!
      }
      const gram = toMatrix(await product.timesTransposed(phi, phi, dimensions), n)
      const ridge = (RIDGE * gram.trace()) / n
      for (let i = 0; i < n; i++) gram.set(i, i, gram.get(i, i) + ridge)
      const factor = new CholeskyDecomposition(gram)
      return {
        async attribute(targets) {
          const projected = await project(product, targets.values, parameters, dimensions, seed)
          const cross = toMatrix(await product.timesTransposed(projected, phi, dimensions), n) // [targets, n]
          const scores = Float64Array.from(factor.solve(cross.transpose()).transpose().to1DArray())
          return scores.map((score, at) => score * (1 - probabilities[at % n]!))
        },
      }
    },
  }
}

/** Rows of the projection that are drawn at a time. */
const BLOCK = 1024

/** @returns values · R / √k with R of independent signs, the same for the same seed [rows, k] */
async function project(
  product: MatrixProduct,
  values: Float32Array,
  parameters: number,
  dimensions: number,
  seed: number,
): Promise<Float32Array> {
  const rows = values.length / parameters
  const random = seededRandom(seed)
  const out = new Float32Array(rows * dimensions)
  const size = 1 / Math.sqrt(dimensions)
  for (let start = 0; start < parameters; start += BLOCK) {
    const length = Math.min(BLOCK, parameters - start)
    const signs = Float32Array.from({ length: length * dimensions }, () => (random.uniform() < 0.5 ? -size : size))
    const part = new Float32Array(rows * length)
    for (let row = 0; row < rows; row++) {
      const from = row * parameters + start
      part.set(values.subarray(from, from + length), row * length)
    }
    const some = await product.times(part, signs, length)
    for (let i = 0; i < out.length; i++) out[i]! += some[i]!
  }
  return out
}

function toMatrix(values: Float32Array, columns: number): Matrix {
  return Matrix.from1DArray(values.length / columns, columns, values)
}
