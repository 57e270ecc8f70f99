/** A head with a hidden layer, trained on halves of the records under several seeds. */
import { seededRandom } from '@openledger/language-model'
import { sumOfStandardised } from '../../../attribution-engine/src/influence/methods/over-checkpoints.ts'
import { unrolledAdjoint } from '../../../attribution-engine/src/influence/methods/unrolled-adjoint.ts'
import {
  type TwoLayerRecipe,
  trainTwoLayer,
  twoLayerLosses,
} from '../../../attribution-engine/src/influence/two-layer-head.ts'
import { lds } from '../lds.ts'
import { drawDigits } from './digits.ts'

const RECIPE: TwoLayerRecipe = { hidden: 24, rate: 0.2, decay: 1e-3, epochs: 30, batchSize: 25 }
const RECORDS = 500
const TARGETS = 30
const SUBSETS = 50
const TRUTH_SEEDS = [1, 2, 3] as const
const INFLUENCE_SEEDS = [11, 12, 13] as const

/** @returns the LDS of the unrolled adjoint over three seeds, none of them among the truth's; and of one seed */
export async function measureTwoLayer(): Promise<{ lds: number; oneSeed: number }> {
  const data = drawDigits(RECORDS, 4)
  const targets = drawDigits(TARGETS, 5)
  const random = seededRandom(6)
  const everyone = Array.from({ length: RECORDS }, (_, i) => i)
  const subsets = Array.from({ length: SUBSETS }, () => random.shuffle(everyone).slice(0, RECORDS / 2))
  const losses = subsets.map((subset) => {
    const sums = new Float64Array(TARGETS)
    for (const seed of TRUTH_SEEDS) {
      const { parameters } = trainTwoLayer(data, RECIPE, seed, subset)
      for (const [t, loss] of twoLayerLosses(targets, RECIPE, parameters).entries()) sums[t]! += loss
    }
    return [...sums]
  })
  const bySeed = []
  for (const seed of INFLUENCE_SEEDS) {
    const trained = trainTwoLayer(data, RECIPE, seed, everyone)
    bySeed.push(await (await unrolledAdjoint.cache({ data, recipe: RECIPE, trained })).attribute(targets))
  }
  return { lds: lds(sumOfStandardised(bySeed), subsets, losses), oneSeed: lds(bySeed[0]!, subsets, losses) }
}
