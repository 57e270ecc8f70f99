/**
 * The exact Shapley value of each record for a K-nearest-neighbour classifier of the target:
 *
 *   s_N = m_N / N,   s_i = s_(i+1) + (m_i − m_(i+1)) / K · min(K, i) / i        records by ascending distance
 *
 * where m_i is 1 if record i has the target's label. The values of a target sum to what the classifier gains.
 *
 * @see Jia et al. 2019, arXiv:1908.08619, theorem 1; N >= K, so that the last term is min(K, N) / (K N) = 1 / N
 *
 * Left out: any model but the neighbours. Distances are Euclidean; ties keep the records' order.
 */
import type { InfluenceMethod } from './method.ts'

export type Labelled = {
  /** [rows, dimensions] */
  values: ArrayLike<number>
  dimensions: number
  /** [rows] */
  labels: ArrayLike<number>
}

export function knnShapley(neighbours: number): InfluenceMethod<Labelled, Labelled> {
  return {
    name: 'KNN-Shapley',
    async cache(training) {
      return {
        async attribute(targets) {
          const n = training.labels.length
          const scores = new Float64Array(targets.labels.length * n)
          for (let target = 0; target < targets.labels.length; target++) {
            const distances = Float64Array.from({ length: n }, (_, i) => distance(training, i, targets, target))
            const order = Array.from({ length: n }, (_, i) => i).sort((a, b) => distances[a]! - distances[b]! || a - b)
            const match = order.map((i) => (training.labels[i] === targets.labels[target] ? 1 : 0))
            let value = (match[n - 1]! * Math.min(neighbours, n)) / (neighbours * n)
            scores[target * n + order[n - 1]!] = value
            for (let rank = n - 1; rank >= 1; rank--) {
              value += (((match[rank - 1]! - match[rank]!) / neighbours) * Math.min(neighbours, rank)) / rank
              scores[target * n + order[rank - 1]!] = value
            }
          }
          return scores
        },
      }
    },
  }
}

function distance(a: Labelled, row: number, b: Labelled, other: number): number {
  let sum = 0
  for (let d = 0; d < a.dimensions; d++)
    sum += (a.values[row * a.dimensions + d]! - b.values[other * b.dimensions + d]!) ** 2
  return sum
}
