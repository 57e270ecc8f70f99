import { largestRemainder } from '@openledger/commitment'
import type { AnswerReceipt } from '@openledger/protocol'

/** One payment of a batch: what a payer owed a node for one model, and the part of it that is contributors'. */
export type SettledPayment = {
  payer: string
  modelId: string
  amountWei: bigint
  contributorsWei: bigint
}

/** The contributors' part of one answer's price. */
export type AnswerPool = { receiptHash: `0x${string}`; receipt: AnswerReceipt; poolWei: bigint }

/**
 * Splits what a batch's payments gave to contributors over the answers that they paid for.
 *
 * A payment covers the receipts of its payer and model. Its contributors' part is split by the answers' prices, largest
 * remainder, ties by receipt hash, so that the pools and the rest sum to the payments' parts to the wei.
 *
 * @returns pools in the order of the receipts, those of zero left out; `unexplainedWei`: of payments that no priced
 * receipt explains
 */
export function splitIntoPools(
  payments: readonly SettledPayment[],
  receipts: readonly { receipt: AnswerReceipt; receiptHash: `0x${string}` }[],
): { pools: AnswerPool[]; unexplainedWei: bigint } {
  const poolOf = new Map<string, bigint>()
  let unexplainedWei = 0n
  for (const [channel, contributorsWei] of sumByChannel(payments)) {
    const covered = receipts.filter(({ receipt }) => channelOf(receipt) === channel && BigInt(receipt.priceWei) > 0n)
    if (covered.length === 0) {
      unexplainedWei += contributorsWei
      continue
    }
    const hashes = covered.map(({ receiptHash }) => receiptHash)
    const prices = covered.map(({ receipt }) => BigInt(receipt.priceWei))
    largestRemainder(contributorsWei, prices, hashes).forEach((poolWei, index) => {
      poolOf.set(hashes[index]!, poolWei)
    })
  }
  const pools = receipts
    .map(({ receipt, receiptHash }) => ({ receiptHash, receipt, poolWei: poolOf.get(receiptHash) ?? 0n }))
    .filter(({ poolWei }) => poolWei > 0n)
  return { pools, unexplainedWei }
}

/** Contributors' wei by payer and model: one batch may settle the same channel more than once. */
function sumByChannel(payments: readonly SettledPayment[]): Map<string, bigint> {
  const sums = new Map<string, bigint>()
  for (const payment of payments) {
    const channel = channelOf(payment)
    sums.set(channel, (sums.get(channel) ?? 0n) + payment.contributorsWei)
  }
  return sums
}

export function channelOf({ payer, modelId }: { payer: string; modelId: string }): string {
  return `${payer}/${modelId}`
}
