/**
 * Cross-fit loss: each record's loss under a head that was fitted on the other folds.
 *
 * @see Northcutt et al. 2021, Confident Learning, arXiv:1911.00068, for out-of-sample probabilities as the evidence
 *
 * Left out: its estimate of which label is confused with which.
 */
import { seededRandom } from '@openledger/language-model'
import { fitHead, type HeadData, headLosses } from '../influence/softmax-head.ts'

/** @returns −log probability of each row's label [rows]; high: suspicious */
export function crossFitLoss(data: HeadData, ridge: number, folds = 5, seed = 0): Float64Array {
  const n = data.labels.length
  const order = seededRandom(seed).shuffle(Array.from({ length: n }, (_, row) => row))
  const losses = new Float64Array(n)
  for (let fold = 0; fold < folds; fold++) {
    const others = order.filter((_, place) => place % folds !== fold)
    const all = headLosses(data, fitHead(data, ridge, { subset: others }).parameters)
    order.forEach((row, place) => {
      if (place % folds === fold) losses[row] = all[row]!
    })
  }
  return losses
}
