/**
 * Damped influence with the sampled-label Gauss-Newton curvature in its exact dual form: the method that answers are paid
 * by. The formula and its papers stand in features/precondition.ts, which does the algebra.
 *
 *   score[t, i] = g_t · (CᵀC / m + lambda I)^-1 g_i
 *
 * Left out here: integers. `features/` rounds the same vectors to sign bits and publishes them.
 */
import type { MatrixProduct } from '../../features/matrix-product.ts'
import { createPreconditioner, DAMPING } from '../../features/precondition.ts'
import type { Gradients, InfluenceMethod } from './method.ts'

export type CurvedGradients = Gradients & {
  /** C [m, parameters]: gradients under labels that the model draws. */
  curvature: Float32Array
}

export function gaussNewton(product: MatrixProduct, damping = DAMPING): InfluenceMethod<CurvedGradients, Gradients> {
  return {
    name: 'sampled-label Gauss-Newton',
    async cache({ values, parameters, curvature }) {
      const preconditioner = await createPreconditioner(curvature, parameters, product, damping)
      const psi = await preconditioner.apply(values)
      return {
        attribute: async (targets) => Float64Array.from(await product.timesTransposed(targets.values, psi, parameters)),
      }
    },
  }
}
