/**
 * The plain gradient dot product, g_t · g_i: one step of gradient descent on record i lowers the loss of t by so much.
 *
 * @see Pruthi et al. 2020, TracIn, arXiv:2002.08484, section 3: TracInCP at one checkpoint
 *
 * Left out: the learning rates, which only weigh checkpoints, and all curvature.
 */
import type { MatrixProduct } from '../../features/matrix-product.ts'
import type { Gradients, InfluenceMethod } from './method.ts'

export function gradientDot(product: MatrixProduct): InfluenceMethod<Gradients, Gradients> {
  return {
    name: 'gradient dot',
    cache: async (training) => ({
      attribute: async (targets) =>
        Float64Array.from(await product.timesTransposed(targets.values, training.values, training.parameters)),
    }),
  }
}
