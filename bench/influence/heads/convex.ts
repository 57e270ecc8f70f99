/** Softmax heads: leave-one-out and halves of the records, against exact retraining. */

import { seededRandom } from '@openledger/language-model'
import { exactHessian } from '../../../attribution-engine/src/influence/methods/exact-hessian.ts'
import { knnShapley } from '../../../attribution-engine/src/influence/methods/knn-shapley.ts'
import { leaveOneOut } from '../../../attribution-engine/src/influence/methods/leave-one-out.ts'
import type { Scores } from '../../../attribution-engine/src/influence/methods/method.ts'
import {
  fitHead,
  type HeadData,
  headFactor,
  headLosses,
} from '../../../attribution-engine/src/influence/softmax-head.ts'
import { lds, mean, pearson } from '../lds.ts'
import { drawDigits } from './digits.ts'

const RECORDS = 600
const TARGETS = 60
const SUBSETS = 60
const RIDGE = 1

export type ConvexFigures = { looR: Record<string, number>; lds: Record<string, number>; accuracy: number }

export async function measureConvex(): Promise<ConvexFigures> {
  const data = drawDigits(RECORDS, 1)
  const targets = drawDigits(TARGETS, 2)
  const fitted = fitHead(data, RIDGE)
  const scores: Record<string, Scores> = {
    'approximate leave-one-out': await (await leaveOneOut.cache({ data, fitted })).attribute(targets),
    'exact-Hessian influence': await (await exactHessian.cache({ data, fitted })).attribute(targets),
    'KNN-Shapley': await (await knnShapley(5).cache(labelled(data))).attribute(labelled(targets)),
  }
  const truth = leftOut(data, targets, fitted.parameters)
  const looR: Record<string, number> = {}
  for (const [name, all] of Object.entries(scores)) {
    looR[name] = mean(Array.from({ length: TARGETS }, (_, t) => pearson(rowOf(all, t), rowOf(truth, t))))
  }

  const random = seededRandom(3)
  const everyone = Array.from({ length: RECORDS }, (_, i) => i)
  const subsets = Array.from({ length: SUBSETS }, () => random.shuffle(everyone).slice(0, RECORDS / 2))
  const losses = subsets.map((subset) => [
    ...headLosses(targets, fitHead(data, RIDGE, { subset, start: fitted.parameters }).parameters),
  ])
  const ldsOf = Object.fromEntries(Object.entries(scores).map(([name, all]) => [name, lds(all, subsets, losses)]))
  const right = headLosses(targets, fitted.parameters).filter((loss) => loss < Math.LN2).length
  return { looR, lds: ldsOf, accuracy: right / TARGETS }
}

/** What leaving each record out really does, by fitting without it [targets, records]. */
function leftOut(data: HeadData, targets: HeadData, parameters: Float64Array): Scores {
  const factor = headFactor(data, { parameters, ridge: RIDGE })
  const base = headLosses(targets, parameters)
  const changes = new Float64Array(TARGETS * RECORDS)
  for (let i = 0; i < RECORDS; i++) {
    const subset = Array.from({ length: RECORDS - 1 }, (_, at) => (at < i ? at : at + 1))
    const without = fitHead(data, RIDGE, { subset, start: parameters, factor })
    for (const [t, loss] of headLosses(targets, without.parameters).entries())
      changes[t * RECORDS + i] = loss - base[t]!
  }
  return changes
}

function rowOf(scores: Scores, row: number): number[] {
  return [...scores.subarray(row * RECORDS, (row + 1) * RECORDS)]
}

function labelled({ inputs, dimensions, labels }: HeadData) {
  return { values: inputs, dimensions, labels }
}
