/**
 * Self-influence: how much a record alone lowers its own loss. What is unlike all others, as a wrong label is, can only be
 * learned from itself.
 *
 *   quality score[i] = g_i · H^-1 g_i        high: suspicious
 *
 * @see Koh & Liang 2017, arXiv:1703.04730, section 5.4; Feldman & Zhang 2020, arXiv:2008.03703
 *
 * Left out: retraining, which Feldman & Zhang do.
 */
import { CholeskyDecomposition } from 'ml-matrix'
import { type FittedHead, type HeadData, headHessian, headRowGradients } from '../influence/softmax-head.ts'

/** @returns [rows], >= 0 */
export function selfInfluence(data: HeadData, { parameters, ridge }: FittedHead): Float64Array {
  const gradients = headRowGradients(data, parameters)
  const psi = new CholeskyDecomposition(headHessian(data, parameters, ridge)).solve(gradients.transpose())
  return Float64Array.from({ length: gradients.rows }, (_, row) => {
    let sum = 0
    for (let p = 0; p < gradients.columns; p++) sum += gradients.get(row, p) * psi.get(p, row)
    return sum
  })
}
