/**
 * Damped influence with the exact Hessian of a softmax head; its ridge is the damping.
 *
 *   score[t, i] = g_t · H^-1 g_i
 *
 * @see Koh & Liang 2017, arXiv:1703.04730, equation 2; positive here for what lowers a loss
 *
 * Left out: what removing the record does to H itself, which `leave-one-out` has.
 */
import { CholeskyDecomposition } from 'ml-matrix'
import { type HeadData, headHessian, headRowGradients } from '../softmax-head.ts'
import type { HeadTraining } from './leave-one-out.ts'
import type { InfluenceMethod } from './method.ts'

export const exactHessian: InfluenceMethod<HeadTraining, HeadData> = {
  name: 'exact-Hessian influence',
  async cache({ data, fitted: { parameters, ridge } }) {
    const factor = new CholeskyDecomposition(headHessian(data, parameters, ridge))
    const psi = factor.solve(headRowGradients(data, parameters).transpose()) // [parameters, records]
    return {
      attribute: async (targets) => Float64Array.from(headRowGradients(targets, parameters).mmul(psi).to1DArray()),
    }
  },
}
