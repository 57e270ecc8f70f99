/**
 * Approximate leave-one-out for a softmax head: one exact Newton step from the fit on all records to the fit without one.
 *
 *   theta_−i = theta + (H − h_i)^-1 g_i,   score[t, i] = l_t(theta_−i) − l_t(theta)
 *   h_i = U S Uᵀ with U = I_K ⊗ x_i, S = diag p − p pᵀ;   g_i = U (p − y)
 *   (H − U S Uᵀ)^-1 U = H^-1 U (I − S Uᵀ H^-1 U)^-1                                       Woodbury, of rank K
 *
 * @see Beirami et al. 2017, arXiv:1709.03949, equation 8; Rad & Maleki 2018, arXiv:1801.10243
 *
 * Left out: steps beyond the first. The exact fit without a record is what the benchmark compares it with.
 */
import { CholeskyDecomposition, inverse, Matrix } from 'ml-matrix'
import {
  type FittedHead,
  type HeadData,
  headErrors,
  headHessian,
  headLosses,
  headProbabilities,
} from '../softmax-head.ts'
import type { InfluenceMethod } from './method.ts'

export type HeadTraining = { data: HeadData; fitted: FittedHead }

export const leaveOneOut: InfluenceMethod<HeadTraining, HeadData> = {
  name: 'approximate leave-one-out',
  async cache({ data, fitted }) {
    const { parameters, ridge } = fitted
    const size = parameters.length
    const factor = new CholeskyDecomposition(headHessian(data, parameters, ridge))
    const hessianInverse = factor.solve(Matrix.eye(size)).to1DArray()
    const without = Array.from(data.labels, (_, row) => fitWithout(data, parameters, hessianInverse, row))
    return {
      async attribute(targets) {
        const n = without.length
        const base = headLosses(targets, parameters)
        const scores = new Float64Array(base.length * n)
        for (const [i, changed] of without.entries()) {
          for (const [t, loss] of headLosses(targets, changed).entries()) scores[t * n + i] = loss - base[t]!
        }
        return scores
      },
    }
  },
}

function fitWithout(data: HeadData, parameters: Float64Array, hessianInverse: number[], row: number): Float64Array {
  const { inputs, dimensions, classes } = data
  const size = parameters.length
  const x = inputs.subarray(row * dimensions, (row + 1) * dimensions)
  const half = new Matrix(size, classes) // H^-1 U
  for (let i = 0; i < size; i++) {
    for (let k = 0; k < classes; k++) {
      let sum = 0
      for (let d = 0; d < dimensions; d++) sum += hessianInverse[i * size + k * dimensions + d]! * x[d]!
      half.set(i, k, sum)
    }
  }
  const inner = new Matrix(classes, classes) // Uᵀ H^-1 U
  for (let k = 0; k < classes; k++) {
    for (let l = 0; l < classes; l++) {
      let sum = 0
      for (let d = 0; d < dimensions; d++) sum += x[d]! * half.get(k * dimensions + d, l)
      inner.set(k, l, sum)
    }
  }
  const p = headProbabilities(data, parameters, row)
  const curvature = new Matrix(classes, classes)
  for (let k = 0; k < classes; k++) {
    for (let l = 0; l < classes; l++) curvature.set(k, l, (k === l ? p[k]! : 0) - p[k]! * p[l]!)
  }
  const correction = inverse(Matrix.eye(classes).sub(curvature.mmul(inner)))
  const errors = Matrix.columnVector(headErrors(data, parameters, row))
  const step = half.mmul(correction.mmul(errors)).to1DArray()
  return parameters.map((value, i) => value + step[i]!)
}
