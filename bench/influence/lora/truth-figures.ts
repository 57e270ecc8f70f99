/** What the truth itself says: how well one seed's retraining predicts another's, and what a perfect predictor would reach. */

import type { Scores } from '../../../attribution-engine/src/influence/methods/method.ts'
import { lds, mean, spearman } from '../lds.ts'
import { subsetOf } from './experiment.ts'
import type { Truth } from './truth.ts'

export type TruthTable = {
  subsets: number[][]
  /** Means over the seeds [subsets][targets]. */
  losses: number[][]
  /** Of each seed [seeds][subsets][targets]. */
  bySeed: number[][][]
}

/** The subsets that every seed has, with their losses at the targets from `from` to `to`. */
export function tableOf(truth: Truth, records: number, from: number, to: number): TruthTable {
  const seeds = [...new Set(truth.runs.map(({ seed }) => seed))].sort((a, b) => a - b)
  const lossesOf = (subset: number, seed: number) =>
    truth.runs.find((run) => run.subset === subset && run.seed === seed)?.losses.slice(from, to)
  const numbers = [...new Set(truth.runs.map(({ subset }) => subset))].sort((a, b) => a - b)
  const complete = numbers.filter((subset) => seeds.every((seed) => lossesOf(subset, seed) !== undefined))
  const bySeed = seeds.map((seed) => complete.map((subset) => lossesOf(subset, seed)!))
  const losses = complete.map((_, at) =>
    bySeed[0]![at]!.map((_, target) => mean(bySeed.map((rows) => rows[at]![target]!))),
  )
  return { subsets: complete.map((subset) => subsetOf(records, subset)), losses, bySeed }
}

/**
 * @returns seed: rank correlation of two seeds' retrainings, by target; ceiling: of a perfect predictor with their mean,
 *   by Spearman and Brown: sqrt(2 r / (1 + r))
 */
export function ceilingOf({ bySeed: [first, second] }: TruthTable): { seed: number; ceiling: number } {
  const targets = first![0]!.map((_, target) => target)
  const column = (rows: number[][], target: number) => rows.map((row) => row[target]!)
  const seed = mean(targets.map((target) => spearman(column(first!, target), column(second!, target))))
  return { seed, ceiling: Math.sqrt((2 * seed) / (1 + seed)) }
}

/** LDS of the scores at the targets from `from` to `to`. */
export function ldsOf(scores: Scores, table: TruthTable, records: number, from: number, to: number): number {
  return lds(scores.subarray(from * records, to * records), table.subsets, table.losses)
}
