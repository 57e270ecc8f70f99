/**
 * Damped influence with the empirical Fisher information, the second moment of the gradients at the true labels:
 *
 *   score[t, i] = g_t · (GᵀG / n + lambda I)^-1 g_i,   lambda = damping · tr(GᵀG / n)
 *
 * @see Kunstner et al. 2019, arXiv:1905.12558, for why it is no curvature: it vanishes where the fit is good
 *
 * Left out: any other damping than the one that was best in our experiment.
 */
import type { MatrixProduct } from '../../features/matrix-product.ts'
import { gaussNewton } from './gauss-newton.ts'
import type { Gradients, InfluenceMethod } from './method.ts'

export function empiricalFisher(product: MatrixProduct, damping = 1e-2): InfluenceMethod<Gradients, Gradients> {
  const damped = gaussNewton(product, damping)
  return {
    name: 'empirical Fisher',
    cache: (training) => damped.cache({ ...training, curvature: training.values }),
  }
}
