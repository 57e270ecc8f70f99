/**
 * Softmax regression with a ridge: the one head that everything here ends in, because its optimum is unique. So the result
 * does not depend on a seed or a schedule, the gradient's norm proves that it was reached, and what leaving a record out
 * would change follows in closed form from the Hessian at the optimum (Koh & Liang 2017, arXiv:1703.04730).
 *
 *   L(W) = 1/n Σᵢ −log softmax(W xᵢ)[yᵢ] + λ/2 ‖W‖²
 *
 * Newton's method; each step solves H s = −g by conjugate gradients, for which products with H suffice (Nocedal & Wright
 * 2006, algorithm 7.1). All in double precision. Left out: class weights.
 */

/** Rows are records, with a last column of 1 where there is to be a bias. */
export type Design = {
  /** `[n, d]` */
  features: Float64Array
  /** `[n]`: the class of each record, from 0. */
  labels: Int32Array
  /** n */
  records: number
  /** d */
  dimensions: number
  /** c */
  classes: number
}

export type Fit = {
  /** `[c, d]` */
  weights: Float64Array
  /** Mean loss with the ridge. */
  objective: number
  gradientNorm: number
  steps: number
}

const MAX_STEPS = 100
const MAX_CG_STEPS = 500

/**
 * @param lambda    > 0: it makes the optimum unique
 * @param tolerance of the gradient's Euclidean norm; a fit that returns has reached it
 * @param onStep    called with each step's gradient norm; throws to give up
 * @throws {RangeError} if it is not reached, which for a convex function means values that are not finite or too far apart
 */
export function fitSoftmax(
  design: Design,
  lambda: number,
  tolerance = 1e-8,
  onStep: (step: number, gradientNorm: number) => void = () => {},
): Fit {
  const { classes, dimensions } = design
  const weights = new Float64Array(classes * dimensions)
  let { objective, gradient, probabilities } = evaluate(design, weights, lambda)
  for (let steps = 0; steps <= MAX_STEPS; steps++) {
    const gradientNorm = norm(gradient)
    onStep(steps, gradientNorm)
    if (gradientNorm <= tolerance) return { weights, objective, gradientNorm, steps }
    if (!Number.isFinite(gradientNorm)) break
    const direction = newtonDirection(design, probabilities, lambda, gradient)
    const slope = dot(direction, gradient)
    let length = 1
    for (; ; length /= 2) {
      const trial = weights.map((weight, i) => weight + length * direction[i]!)
      const there = evaluate(design, trial, lambda)
      // Near the optimum the objective cannot fall by as much as a double shows: the gradient decides there.
      const falls = there.objective <= objective + 1e-4 * length * slope || norm(there.gradient) < gradientNorm
      if (falls || length < 1e-10) {
        weights.set(trial)
        ;({ objective, gradient, probabilities } = there)
        break
      }
    }
  }
  throw new RangeError(`the gradient's norm is still ${norm(gradient)}`)
}

/** `[n, c]`: the class probabilities of each record. */
export function softmaxProbabilities(
  { features, records, dimensions, classes }: Omit<Design, 'labels'>,
  weights: Float64Array,
): Float64Array {
  const probabilities = new Float64Array(records * classes)
  for (let i = 0; i < records; i++) {
    let greatest = Number.NEGATIVE_INFINITY
    for (let k = 0; k < classes; k++) {
      let logit = 0
      for (let j = 0; j < dimensions; j++) logit += weights[k * dimensions + j]! * features[i * dimensions + j]!
      probabilities[i * classes + k] = logit
      greatest = Math.max(greatest, logit)
    }
    let total = 0
    for (let k = i * classes; k < (i + 1) * classes; k++) {
      probabilities[k] = Math.exp(probabilities[k]! - greatest)
      total += probabilities[k]!
    }
    for (let k = i * classes; k < (i + 1) * classes; k++) probabilities[k]! /= total
  }
  return probabilities
}

/** Mean nats per record, without the ridge. */
export function meanLoss({ labels, classes, records }: Design, probabilities: Float64Array): number {
  let loss = 0
  for (let i = 0; i < records; i++) loss -= Math.log(Math.max(probabilities[i * classes + labels[i]!]!, 1e-300))
  return loss / records
}

function evaluate(design: Design, weights: Float64Array, lambda: number) {
  const { features, labels, records, dimensions, classes } = design
  const probabilities = softmaxProbabilities(design, weights)
  const gradient = weights.map((weight) => lambda * weight)
  for (let i = 0; i < records; i++) {
    for (let k = 0; k < classes; k++) {
      const residual = (probabilities[i * classes + k]! - (labels[i] === k ? 1 : 0)) / records
      for (let j = 0; j < dimensions; j++) gradient[k * dimensions + j]! += residual * features[i * dimensions + j]!
    }
  }
  const objective = meanLoss(design, probabilities) + (lambda / 2) * dot(weights, weights)
  return { objective, gradient, probabilities }
}

/** s with H s = −g, as exactly as the gradient's size makes worth while. */
function newtonDirection(
  design: Design,
  probabilities: Float64Array,
  lambda: number,
  gradient: Float64Array,
): Float64Array {
  const solution = new Float64Array(gradient.length)
  const residual = gradient.map((value) => -value)
  let direction = residual.slice()
  let size = dot(residual, residual)
  const enough = Math.min(0.1, Math.sqrt(Math.sqrt(size))) ** 2 * size * 1e-2
  for (let step = 0; step < MAX_CG_STEPS && size > enough; step++) {
    const product = hessianProduct(design, probabilities, lambda, direction)
    const length = size / dot(direction, product)
    for (let i = 0; i < solution.length; i++) {
      solution[i]! += length * direction[i]!
      residual[i]! -= length * product[i]!
    }
    const next = dot(residual, residual)
    direction = direction.map((value, i) => residual[i]! + (next / size) * value)
    size = next
  }
  return solution
}

/** H v with H = 1/n Σᵢ (diag pᵢ − pᵢ pᵢᵀ) ⊗ xᵢ xᵢᵀ + λ I. */
export function hessianProduct(
  { features, records, dimensions, classes }: Design,
  probabilities: Float64Array,
  lambda: number,
  vector: Float64Array,
): Float64Array {
  const product = vector.map((value) => lambda * value)
  const logits = new Float64Array(classes)
  for (let i = 0; i < records; i++) {
    let mean = 0
    for (let k = 0; k < classes; k++) {
      let sum = 0
      for (let j = 0; j < dimensions; j++) sum += vector[k * dimensions + j]! * features[i * dimensions + j]!
      logits[k] = sum
      mean += probabilities[i * classes + k]! * sum
    }
    for (let k = 0; k < classes; k++) {
      const factor = (probabilities[i * classes + k]! * (logits[k]! - mean)) / records
      for (let j = 0; j < dimensions; j++) product[k * dimensions + j]! += factor * features[i * dimensions + j]!
    }
  }
  return product
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!
  return sum
}

function norm(vector: Float64Array): number {
  return Math.sqrt(dot(vector, vector))
}
