/**
 * Influence features: each record's gradient, preconditioned by the sampled-label Fisher information (which for a softmax
 * is the Gauss-Newton matrix) in its exact dual form.
 *
 *   F = CᵀC / m                                    C: gradients under labels that the model itself draws
 *   psi_i = (F + lambda I)^-1 g_i
 *         = (g_i - Cᵀ (CCᵀ + lambda m I)^-1 C g_i) / lambda       (Woodbury)
 *
 * Removing record i changes the loss of a target t by about psi_i · g_t / n.
 *
 * @see Koh & Liang 2017, arXiv:1703.04730, eq. 2; Martens 2020, "New insights and perspectives on the natural gradient method", section 9
 *
 * Ours: early checkpoints and curvature pooled over them; no random projection, which was measured to cost more accuracy
 * than any other shortcut. Left out: the empirical Fisher (true labels), which is hardly better than a plain dot product.
 */
import { OpenLedgerError } from '@openledger/protocol'
import { CholeskyDecomposition, Matrix } from 'ml-matrix'
import type { MatrixProduct } from './matrix-product.ts'

/** lambda = DAMPING · tr(F). Accuracy is flat from 1e-6 to 1e-3. */
export const DAMPING = 1e-4

export type Preconditioner = {
  /** @param gradients [n, parameters] @returns psi [n, parameters] */
  apply(gradients: Float32Array): Promise<Float32Array>
}

/**
 * Factorises the curvature once, for any number of gradients.
 * @param curvature C [m, parameters]
 * @throws features.no_curvature when C is zero or not finite
 */
export async function createPreconditioner(
  curvature: Float32Array,
  parameters: number,
  product: MatrixProduct,
  damping = DAMPING,
): Promise<Preconditioner> {
  const m = curvature.length / parameters
  const gram = toMatrix(await product.timesTransposed(curvature, curvature, parameters), m, m)
  const lambda = (damping * gram.trace()) / m
  if (!(lambda > 0 && Number.isFinite(lambda))) {
    throw new OpenLedgerError('features.no_curvature', 'The sampled gradients are all zero or not finite.', {
      facts: { rows: m, parameters, lambda },
      nextStep: 'Check that the checkpoint has trainable parameters and that its training did not diverge.',
    })
  }
  // Rounding may leave the two triangles of CCᵀ one bit apart; Cholesky wants them equal.
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < i; j++) gram.set(j, i, gram.get(i, j))
    gram.set(i, i, gram.get(i, i) + lambda * m)
  }
  const factor = new CholeskyDecomposition(gram)

  async function apply(gradients: Float32Array): Promise<Float32Array> {
    const psi = new Float32Array(gradients.length)
    // In blocks, so that what is between gradients and psi takes no memory to speak of.
    for (let start = 0; start < gradients.length; start += BLOCK_ROWS * parameters) {
      const block = gradients.subarray(start, start + BLOCK_ROWS * parameters)
      const n = block.length / parameters
      const projected = toMatrix(await product.timesTransposed(curvature, block, parameters), m, n)
      const weights = Float32Array.from(factor.solve(projected).transpose().to1DArray()) // [n, m]
      const correction = await product.times(weights, curvature, m) // [n, parameters]
      for (let i = 0; i < block.length; i++) psi[start + i] = (block[i]! - correction[i]!) / lambda
    }
    return psi
  }
  return { apply }
}

/** Rows that are preconditioned at a time. */
const BLOCK_ROWS = 64

function toMatrix(values: Float32Array, rows: number, columns: number): Matrix {
  const matrix = new Matrix(rows, columns)
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) matrix.set(i, j, values[i * columns + j]!)
  return matrix
}
