/** One label in ten is wrong: how well each measure of quality ranks the wrong ones first. */
import { seededRandom } from '@openledger/language-model'
import { fitHead, type HeadData } from '../../../attribution-engine/src/influence/softmax-head.ts'
import { crossFitLoss } from '../../../attribution-engine/src/quality/cross-fit-loss.ts'
import { dataOob } from '../../../attribution-engine/src/quality/data-oob.ts'
import { selfInfluence } from '../../../attribution-engine/src/quality/self-influence.ts'
import { drawDigits } from './digits.ts'

const RECORDS = 600
const RIDGE = 1

export function measureMislabelled(): Record<string, number> {
  const clean = drawDigits(RECORDS, 7)
  const random = seededRandom(8)
  const flipped = new Set(random.shuffle(Array.from({ length: RECORDS }, (_, i) => i)).slice(0, RECORDS / 10))
  const labels = Array.from(clean.labels, (label, i) => (flipped.has(i) ? (label + 1 + random.below(9)) % 10 : label))
  const data: HeadData = { ...clean, labels }
  return {
    'Data-OOB': areaUnderCurve(
      dataOob(data).map((right) => -right),
      flipped,
    ),
    'self-influence': areaUnderCurve(selfInfluence(data, fitHead(data, RIDGE)), flipped),
    'cross-fit loss': areaUnderCurve(crossFitLoss(data, RIDGE), flipped),
  }
}

/** Chance that a wrong record's suspicion is above a right one's; ties count half. */
function areaUnderCurve(suspicion: Float64Array, wrong: ReadonlySet<number>): number {
  let above = 0
  for (const i of wrong) {
    for (const [j, other] of suspicion.entries()) {
      if (wrong.has(j)) continue
      above += suspicion[i]! > other ? 1 : suspicion[i] === other ? 0.5 : 0
    }
  }
  return above / (wrong.size * (suspicion.length - wrong.size))
}
