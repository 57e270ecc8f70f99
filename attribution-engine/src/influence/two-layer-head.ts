/**
 * A head with one hidden layer, trained by stochastic gradient descent: not convex, so what it learned depends on its way.
 *
 *   p = softmax(V tanh(W x))       parameters: W [hidden, dimensions], then V [classes, hidden]
 *   theta <- theta − rate (Σ over the batch ∇ −log p[y] / batch size + decay theta)
 */
import { type Random, seededRandom } from '@openledger/language-model'
import type { HeadData } from './softmax-head.ts'

export type TwoLayerRecipe = {
  hidden: number
  rate: number
  decay: number
  epochs: number
  batchSize: number
}

/** One step of a training that is remembered: where it began, and on which rows. */
export type TrainingStep = { parameters: Float64Array; batch: readonly number[] }

export type TrainedTwoLayer = { parameters: Float64Array; steps: TrainingStep[] }

export function parameterCount({ dimensions, classes }: HeadData, { hidden }: TwoLayerRecipe): number {
  return hidden * (dimensions + classes)
}

/** @param subset rows that are trained on, in an order that the seed decides */
export function trainTwoLayer(
  data: HeadData,
  recipe: TwoLayerRecipe,
  seed: number,
  subset: readonly number[],
): TrainedTwoLayer {
  const random = seededRandom(seed)
  let parameters = initial(data, recipe, random)
  const steps: TrainingStep[] = []
  for (let epoch = 0; epoch < recipe.epochs; epoch++) {
    const order = random.shuffle(subset)
    for (let at = 0; at < order.length; at += recipe.batchSize) {
      const batch = order.slice(at, at + recipe.batchSize)
      steps.push({ parameters, batch })
      const gradient = meanGradient(data, recipe, parameters, batch)
      parameters = parameters.map((value, p) => value - recipe.rate * (gradient[p]! + recipe.decay * value))
    }
  }
  return { parameters, steps }
}

/** −log probability of each row's label [rows]. */
export function twoLayerLosses(data: HeadData, recipe: TwoLayerRecipe, parameters: Float64Array): Float64Array {
  return Float64Array.from(data.labels, (label, row) => -Math.log(forward(data, recipe, parameters, row).p[label]!))
}

/** Adds `weight` times the gradient of a row's loss. */
export function addGradient(
  into: Float64Array,
  data: HeadData,
  recipe: TwoLayerRecipe,
  parameters: Float64Array,
  row: number,
  weight = 1,
): void {
  const { dimensions, classes, inputs, labels } = data
  const { hidden } = recipe
  const { p, h } = forward(data, recipe, parameters, row)
  const second = hidden * dimensions
  p[labels[row]!]! -= 1
  for (let j = 0; j < hidden; j++) {
    let back = 0
    for (let k = 0; k < classes; k++) {
      into[second + k * hidden + j]! += weight * p[k]! * h[j]!
      back += p[k]! * parameters[second + k * hidden + j]!
    }
    const slope = weight * back * (1 - h[j]! * h[j]!)
    for (let d = 0; d < dimensions; d++) into[j * dimensions + d]! += slope * inputs[row * dimensions + d]!
  }
}

export function meanGradient(
  data: HeadData,
  recipe: TwoLayerRecipe,
  parameters: Float64Array,
  batch: readonly number[],
): Float64Array {
  const gradient = new Float64Array(parameters.length)
  for (const row of batch) addGradient(gradient, data, recipe, parameters, row, 1 / batch.length)
  return gradient
}

function forward(data: HeadData, { hidden }: TwoLayerRecipe, parameters: Float64Array, row: number) {
  const { inputs, dimensions, classes } = data
  const h = new Float64Array(hidden)
  for (let j = 0; j < hidden; j++) {
    let sum = 0
    for (let d = 0; d < dimensions; d++) sum += parameters[j * dimensions + d]! * inputs[row * dimensions + d]!
    h[j] = Math.tanh(sum)
  }
  const p = new Float64Array(classes)
  let largest = Number.NEGATIVE_INFINITY
  const second = hidden * dimensions
  for (let k = 0; k < classes; k++) {
    let sum = 0
    for (let j = 0; j < hidden; j++) sum += parameters[second + k * hidden + j]! * h[j]!
    p[k] = sum
    largest = Math.max(largest, sum)
  }
  let total = 0
  for (let k = 0; k < classes; k++) {
    p[k] = Math.exp(p[k]! - largest)
    total += p[k]!
  }
  for (let k = 0; k < classes; k++) p[k]! /= total
  return { p, h }
}

function initial(data: HeadData, recipe: TwoLayerRecipe, random: Random): Float64Array {
  const first = recipe.hidden * data.dimensions
  return Float64Array.from(
    { length: parameterCount(data, recipe) },
    (_, p) => random.normal() / Math.sqrt(p < first ? data.dimensions : recipe.hidden),
  )
}
