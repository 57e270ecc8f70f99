/**
 * DataInf: the inverse of a mean of damped rank-one matrices is replaced by the mean of their inverses, layer by layer.
 *
 *   score[t, k] = Σ_l (1 / (n lambda_l)) Σ_i v_l · (g_k − (g_i · g_k) / (lambda_l + |g_i|²) g_i)
 *   lambda_l    = 0.1 · mean over records and coordinates of g²
 *
 * @see Kwon et al. 2023, arXiv:2310.00902, equation 5 and section 4
 *
 * Left out: the sign. The paper's influence is of up-weighting; ours is positive for what lowers a loss. It is kept for
 * comparison: it predicts retraining hardly better than a plain dot product.
 */
import type { Gradients, InfluenceMethod } from './method.ts'

/** @param layers lengths of the layers' parts of a gradient, in order; their sum is `parameters` */
export function dataInf(layers: readonly number[]): InfluenceMethod<Gradients, Gradients> {
  return {
    name: 'DataInf',
    async cache(training) {
      const own = products(training, training, layers)
      const n = training.values.length / training.parameters
      return {
        async attribute(targets) {
          const scores = new Float64Array((targets.values.length / targets.parameters) * n)
          products(targets, training, layers).forEach((cross, layer) => {
            addLayer(scores, cross, own[layer]!, n, layers[layer]!)
          })
          return scores
        },
      }
    },
  }
}

/** In products alone: v · g_k − Σ_i (v · g_i) (g_i · g_k) / (lambda + |g_i|²) / n, over lambda. */
function addLayer(scores: Float64Array, cross: Float64Array, own: Float64Array, n: number, length: number): void {
  let squares = 0
  for (let i = 0; i < n; i++) squares += own[i * n + i]!
  const lambda = (0.1 * squares) / (n * length)
  if (lambda === 0) return // no record moves this layer
  for (let start = 0; start < cross.length; start += n) {
    for (let k = 0; k < n; k++) {
      let correction = 0
      for (let i = 0; i < n; i++) correction += (cross[start + i]! * own[i * n + k]!) / (lambda + own[i * n + i]!)
      scores[start + k]! += (cross[start + k]! - correction / n) / lambda
    }
  }
}

/** a · bᵀ of each layer's part, in double precision. */
function products(a: Gradients, b: Gradients, layers: readonly number[]): Float64Array[] {
  const { parameters } = a
  const [rows, columns] = [a.values.length / parameters, b.values.length / parameters]
  let offset = 0
  return layers.map((length) => {
    const out = new Float64Array(rows * columns)
    for (let i = 0; i < rows; i++) {
      const left = a.values.subarray(i * parameters + offset, i * parameters + offset + length)
      for (let j = 0; j < columns; j++) {
        const start = j * parameters + offset
        let sum = 0
        for (let p = 0; p < length; p++) sum += left[p]! * b.values[start + p]!
        out[i * columns + j] = sum
      }
    }
    offset += length
    return out
  })
}
