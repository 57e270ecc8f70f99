/**
 * Data-OOB: how often the models of a bagging ensemble that did not see a record predict its label.
 *
 *   quality[i] = mean over bootstraps without i of [predicted label of x_i = y_i]
 *
 * @see Kwon & Zou 2023, arXiv:2304.07718, equation 3
 *
 * The weak learner is a ridge regression onto the classes' indicators, which a head's fixed inputs allow in closed form.
 * Left out: decision trees, the paper's learner. A quality, not a credit: it says nothing of any answer.
 */
import { seededRandom } from '@openledger/language-model'
import { CholeskyDecomposition, Matrix } from 'ml-matrix'
import type { HeadData } from '../influence/softmax-head.ts'

export type DataOobOptions = { bootstraps?: number; ridge?: number; seed?: number }

/** @returns [rows], from 0 (always contradicted) to 1; NaN for a row that every bootstrap had */
export function dataOob(data: HeadData, { bootstraps = 200, ridge = 1, seed = 0 }: DataOobOptions = {}): Float64Array {
  const n = data.labels.length
  const random = seededRandom(seed)
  const right = new Float64Array(n)
  const asked = new Float64Array(n)
  for (let b = 0; b < bootstraps; b++) {
    const counts = new Float64Array(n)
    for (let draw = 0; draw < n; draw++) counts[random.below(n)]! += 1
    const weights = fitRidge(data, counts, ridge)
    for (let row = 0; row < n; row++) {
      if (counts[row]! > 0) continue
      asked[row]! += 1
      if (predict(data, weights, row) === data.labels[row]) right[row]! += 1
    }
  }
  return right.map((count, row) => count / asked[row]!)
}

/** @returns [dimensions, classes] */
function fitRidge({ inputs, dimensions, labels, classes }: HeadData, counts: Float64Array, ridge: number): Matrix {
  const gram = Matrix.eye(dimensions).mul(ridge)
  const moments = new Matrix(dimensions, classes)
  for (const [row, count] of counts.entries()) {
    if (count === 0) continue
    const x = inputs.subarray(row * dimensions, (row + 1) * dimensions)
    for (let i = 0; i < dimensions; i++) {
      const scaled = count * x[i]!
      for (let j = 0; j <= i; j++) gram.set(i, j, gram.get(i, j) + scaled * x[j]!)
      moments.set(i, labels[row]!, moments.get(i, labels[row]!) + scaled)
    }
  }
  for (let i = 0; i < dimensions; i++) for (let j = 0; j < i; j++) gram.set(j, i, gram.get(i, j))
  return new CholeskyDecomposition(gram).solve(moments)
}

function predict({ inputs, dimensions, classes }: HeadData, weights: Matrix, row: number): number {
  let best = 0
  let highest = Number.NEGATIVE_INFINITY
  for (let k = 0; k < classes; k++) {
    let sum = 0
    for (let d = 0; d < dimensions; d++) sum += weights.get(d, k) * inputs[row * dimensions + d]!
    if (sum > highest) [best, highest] = [k, sum]
  }
  return best
}
