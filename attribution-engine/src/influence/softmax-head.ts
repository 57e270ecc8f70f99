/**
 * A softmax head on fixed inputs, fitted exactly: what leave-one-out has closed forms for.
 *
 *   L(theta) = Σ_i −log softmax(W x_i)[y_i] + ridge / 2 |theta|²       theta = W [classes, dimensions], row-major
 *
 * A constant coordinate in x is its bias. Newton's method with a line search; the fit is refused unless the gradient's
 * norm says that it has ended.
 *
 * @see Boyd & Vandenberghe 2004, Convex Optimization, algorithm 9.5
 */
import { OpenLedgerError } from '@openledger/protocol'
import { CholeskyDecomposition, Matrix } from 'ml-matrix'

export type HeadData = {
  /** [rows, dimensions] */
  inputs: Float64Array
  dimensions: number
  /** [rows], in 0 … classes − 1 */
  labels: ArrayLike<number>
  classes: number
}

export type FittedHead = {
  /** [classes · dimensions] */
  parameters: Float64Array
  ridge: number
}

/** Norm of the gradient at which a fit has ended, a record. */
const TOLERANCE = 1e-9
const MAX_STEPS = 100

/**
 * @param subset rows that are fitted; all of them unless given
 * @param start  parameters to begin from
 * @param factor Cholesky factor of a Hessian near the solution: used for every step in place of a new one each
 * @throws influence.fit_failed when the gradient does not vanish
 */
export function fitHead(
  data: HeadData,
  ridge: number,
  { subset = everyRow(data), start, factor }: FitOptions = {},
): FittedHead {
  let parameters = start?.slice() ?? new Float64Array(data.classes * data.dimensions)
  let loss = headLoss(data, parameters, ridge, subset)
  let norm = Number.POSITIVE_INFINITY
  for (let step = 0; step < MAX_STEPS; step++) {
    const gradient = headGradient(data, parameters, ridge, subset)
    norm = Math.sqrt(gradient.reduce((sum, value) => sum + value ** 2, 0))
    if (norm <= TOLERANCE * subset.length) return { parameters, ridge }
    if (!Number.isFinite(norm)) throw fitFailed(norm, step)
    const solver = factor ?? new CholeskyDecomposition(headHessian(data, parameters, ridge, subset))
    if (!solver.isPositiveDefinite()) throw fitFailed(norm, step)
    const direction = solver.solve(Matrix.columnVector(gradient)).to1DArray()
    const slope = direction.reduce((sum, value, p) => sum + value * gradient[p]!, 0)
    let size = 1
    for (;;) {
      const next = parameters.map((value, p) => value - size * direction[p]!)
      const nextLoss = headLoss(data, next, ridge, subset)
      // Near the end the loss no longer changes in its last digit: rounding must not stop the fit.
      if (nextLoss <= loss - 1e-4 * size * slope + 1e-12 * Math.abs(loss)) {
        parameters = next
        loss = nextLoss
        break
      }
      size /= 2
      if (size < 1e-10) throw fitFailed(norm, step)
    }
  }
  throw fitFailed(norm, MAX_STEPS)
}

export type FitOptions = { subset?: readonly number[]; start?: Float64Array; factor?: CholeskyDecomposition }

/** @returns class probabilities of one row [classes] */
export function headProbabilities(data: HeadData, parameters: Float64Array, row: number): Float64Array {
  const { inputs, dimensions, classes } = data
  const logits = new Float64Array(classes)
  let largest = Number.NEGATIVE_INFINITY
  for (let k = 0; k < classes; k++) {
    let sum = 0
    for (let d = 0; d < dimensions; d++) sum += parameters[k * dimensions + d]! * inputs[row * dimensions + d]!
    logits[k] = sum
    largest = Math.max(largest, sum)
  }
  let total = 0
  for (let k = 0; k < classes; k++) {
    logits[k] = Math.exp(logits[k]! - largest)
    total += logits[k]!
  }
  return logits.map((value) => value / total)
}

/** −log probability of each row's label [rows]. */
export function headLosses(data: HeadData, parameters: Float64Array): Float64Array {
  return Float64Array.from(everyRow(data), (row) => rowLoss(data, parameters, row))
}

/** Gradient of each row's loss, without the ridge [rows, classes · dimensions]. */
export function headRowGradients(data: HeadData, parameters: Float64Array): Matrix {
  const rows = data.labels.length
  const gradients = new Matrix(rows, parameters.length)
  for (let row = 0; row < rows; row++) {
    const errors = headErrors(data, parameters, row)
    for (let k = 0; k < data.classes; k++) {
      for (let d = 0; d < data.dimensions; d++) {
        gradients.set(row, k * data.dimensions + d, errors[k]! * data.inputs[row * data.dimensions + d]!)
      }
    }
  }
  return gradients
}

/** Probabilities less the label's one [classes]. */
export function headErrors(data: HeadData, parameters: Float64Array, row: number): Float64Array {
  const errors = headProbabilities(data, parameters, row)
  errors[data.labels[row]!]! -= 1
  return errors
}

/** Of all rows: for fits that begin near these parameters. */
export function headFactor(data: HeadData, { parameters, ridge }: FittedHead): CholeskyDecomposition {
  return new CholeskyDecomposition(headHessian(data, parameters, ridge))
}

/** Σ_i (diag p_i − p_i p_iᵀ) ⊗ x_i x_iᵀ + ridge I, of the subset. */
export function headHessian(
  data: HeadData,
  parameters: Float64Array,
  ridge: number,
  subset: readonly number[] = everyRow(data),
): Matrix {
  const { inputs, dimensions, classes } = data
  const size = parameters.length
  const values = new Float64Array(size * size)
  for (const row of subset) {
    const p = headProbabilities(data, parameters, row)
    const x = inputs.subarray(row * dimensions, (row + 1) * dimensions)
    for (let k = 0; k < classes; k++) {
      for (let l = 0; l <= k; l++) {
        const weight = (k === l ? p[k]! : 0) - p[k]! * p[l]!
        for (let d = 0; d < dimensions; d++) {
          const scaled = weight * x[d]!
          const start = (k * dimensions + d) * size + l * dimensions
          for (let e = 0; e < dimensions; e++) values[start + e]! += scaled * x[e]!
        }
      }
    }
  }
  const hessian = new Matrix(size, size)
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      hessian.set(i, j, values[i * size + j]!)
      hessian.set(j, i, values[i * size + j]!)
    }
    hessian.set(i, i, hessian.get(i, i) + ridge)
  }
  return hessian
}

function headLoss(data: HeadData, parameters: Float64Array, ridge: number, subset: readonly number[]): number {
  const squares = parameters.reduce((sum, value) => sum + value ** 2, 0)
  return subset.reduce((sum, row) => sum + rowLoss(data, parameters, row), (ridge / 2) * squares)
}

function headGradient(data: HeadData, parameters: Float64Array, ridge: number, subset: readonly number[]) {
  const { inputs, dimensions, classes } = data
  const gradient = parameters.map((value) => ridge * value)
  for (const row of subset) {
    const errors = headErrors(data, parameters, row)
    for (let k = 0; k < classes; k++) {
      for (let d = 0; d < dimensions; d++) gradient[k * dimensions + d]! += errors[k]! * inputs[row * dimensions + d]!
    }
  }
  return gradient
}

function rowLoss(data: HeadData, parameters: Float64Array, row: number): number {
  return -Math.log(Math.max(headProbabilities(data, parameters, row)[data.labels[row]!]!, Number.MIN_VALUE))
}

function everyRow({ labels }: HeadData): number[] {
  return Array.from({ length: labels.length }, (_, row) => row)
}

function fitFailed(norm: number, steps: number): OpenLedgerError {
  return new OpenLedgerError('influence.fit_failed', 'The fit of a softmax head did not come to its end.', {
    facts: { gradientNorm: norm, steps },
    nextStep: 'Raise the ridge: without one, separable classes have no finite solution.',
  })
}
