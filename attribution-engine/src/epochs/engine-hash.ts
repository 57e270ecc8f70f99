import { jsonDigest } from '@openledger/protocol'
import { LEVERAGE_CAP } from '../influence/score.ts'

/**
 * Names the rule by which an epoch was computed. Everything that decides an amount is stated, so two engines with the
 * same hash give the same root from the same facts; a change of any rule must change this value.
 */
export const ENGINE_HASH = jsonDigest({
  kind: 'openledger/payout-rule@1',
  pool: 'contributorsWei of a payment, over its receipts by priceWei, largest remainder, ties by receiptHash',
  score: 'sign features × int8 answer gradient, per layer over its norm, summed per seed',
  leverageCap: LEVERAGE_CAP.toString(),
  utility: 'max(floor(mean) - 2 ceil(standardError), 0) over seeds',
  share: 'pool by utility, largest remainder, ties by canonical digest',
  reserve: 'no positive utility, no features published, receipts faulty or not covering the payment',
  tree: 'sentinels, account ascending, keccak256, padded to a power of two',
})
