/**
 * The gradient of a target's final loss with respect to each record's weight, through every step of the training that was
 * really done: backwards, by the adjoint.
 *
 *   a_T = ∇ l_t(theta_T);   score[t, i] += (rate / b) a_(s+1) · ∇ l_i(theta_s)   for i in the batch of step s
 *   a_s = a_(s+1) − rate (H_s + decay I) a_(s+1)                                 H_s: Hessian of the batch's mean loss
 *
 * @see Bae et al. 2024, arXiv:2405.12186; Ilyas & Engstrom 2025, MAGIC, arXiv:2504.16430, which computes the same
 *
 * Hessian products are central differences of gradients, whose error (about 1e-9 of the product) is far below what one
 * training run says of another. Left out: other optimisers than plain stochastic gradient descent, and replaying: all
 * steps' parameters are kept in memory, which a head allows.
 */
import type { HeadData } from '../softmax-head.ts'
import { addGradient, meanGradient, type TrainedTwoLayer, type TwoLayerRecipe } from '../two-layer-head.ts'
import type { InfluenceMethod } from './method.ts'

export type UnrolledTraining = { data: HeadData; recipe: TwoLayerRecipe; trained: TrainedTwoLayer }

export const unrolledAdjoint: InfluenceMethod<UnrolledTraining, HeadData> = {
  name: 'unrolled adjoint',
  cache: async ({ data, recipe, trained }) => ({
    async attribute(targets) {
      const n = data.labels.length
      const scores = new Float64Array(targets.labels.length * n)
      for (let target = 0; target < targets.labels.length; target++) {
        const adjoint = new Float64Array(trained.parameters.length)
        addGradient(adjoint, targets, recipe, trained.parameters, target)
        goBack(data, recipe, trained, adjoint, scores.subarray(target * n, (target + 1) * n))
      }
      return scores
    },
  }),
}

function goBack(
  data: HeadData,
  recipe: TwoLayerRecipe,
  { steps }: TrainedTwoLayer,
  adjoint: Float64Array,
  scores: Float64Array,
): void {
  const gradient = new Float64Array(adjoint.length)
  for (const { parameters, batch } of steps.toReversed()) {
    for (const row of batch) {
      gradient.fill(0)
      addGradient(gradient, data, recipe, parameters, row)
      scores[row]! += (recipe.rate / batch.length) * dot(adjoint, gradient)
    }
    const curved = hessianTimes(data, recipe, parameters, batch, adjoint)
    for (let p = 0; p < adjoint.length; p++) adjoint[p]! -= recipe.rate * (curved[p]! + recipe.decay * adjoint[p]!)
  }
}

function hessianTimes(
  data: HeadData,
  recipe: TwoLayerRecipe,
  parameters: Float64Array,
  batch: readonly number[],
  vector: Float64Array,
): Float64Array {
  const norm = Math.sqrt(dot(vector, vector))
  if (norm === 0) return new Float64Array(vector.length)
  const step = 1e-5 / norm
  const ahead = meanGradient(
    data,
    recipe,
    parameters.map((value, p) => value + step * vector[p]!),
    batch,
  )
  const behind = meanGradient(
    data,
    recipe,
    parameters.map((value, p) => value - step * vector[p]!),
    batch,
  )
  return ahead.map((value, p) => (value - behind[p]!) / (2 * step))
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let p = 0; p < a.length; p++) sum += a[p]! * b[p]!
  return sum
}
