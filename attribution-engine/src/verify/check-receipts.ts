import type { SettledBatch } from '../epochs/facts.ts'
import type { EpochAnswers } from '../epochs/read-answers.ts'
import { channelOf } from '../shares/answer-pools.ts'
import type { Findings } from './findings.ts'

/**
 * Reports what nodes anchored wrongly. Such a batch is paid to the reserve by everybody's rule, so the epoch's root can be
 * right all the same; what is wrong is the node.
 */
export function checkReceipts(readings: EpochAnswers['readings'], { facts, report }: Findings.Open): void {
  let receipts = 0
  for (const { batch, reading } of readings) {
    if (reading.kind === 'faulty') {
      report(reading.code, 'A node anchored receipts that are not what they claim to be.', {
        node: batch.node,
        batch: batch.number,
        ...reading.facts,
      })
      continue
    }
    receipts += reading.receipts.length
    const pricesWei = new Map<string, bigint>()
    for (const { receipt } of reading.receipts) {
      const channel = channelOf(receipt)
      pricesWei.set(channel, (pricesWei.get(channel) ?? 0n) + BigInt(receipt.priceWei))
    }
    for (const [channel, paidWei] of paidByChannel(batch)) {
      const pricedWei = pricesWei.get(channel) ?? 0n
      pricesWei.delete(channel)
      if (pricedWei !== paidWei) reportTotal(batch, channel, paidWei, pricedWei, report)
    }
    for (const [channel, pricedWei] of pricesWei) if (pricedWei > 0n) reportTotal(batch, channel, 0n, pricedWei, report)
  }
  facts.batches = readings.length
  facts.receipts = receipts
}

/** The escrow holds that a batch's payments sum to its total, so a difference here means that events were lost. */
export function checkSettlements(
  batches: readonly SettledBatch[],
  earlierWei: bigint,
  epochWei: bigint,
  promisedWei: bigint,
  { facts, report }: Findings.Open,
): void {
  for (const { number, totalWei, payments } of batches) {
    const paidWei = payments.reduce((sum, { amountWei }) => sum + amountWei, 0n)
    if (paidWei === totalWei) continue
    report('verify.settlement_total_differs', 'A batch’s payments do not sum to its total.', {
      batch: number,
      totalWei,
      paidWei,
    })
  }
  if (earlierWei + epochWei !== promisedWei) {
    report('verify.total_differs', 'The root promises more or less than contributors were settled.', {
      promisedWei,
      settledWei: earlierWei + epochWei,
    })
  }
  Object.assign(facts, { epochWei, promisedWei })
}

function paidByChannel({ payments }: SettledBatch): Map<string, bigint> {
  const sums = new Map<string, bigint>()
  for (const payment of payments) {
    const channel = channelOf(payment)
    sums.set(channel, (sums.get(channel) ?? 0n) + payment.amountWei)
  }
  return sums
}

function reportTotal(
  batch: SettledBatch,
  channel: string,
  paidWei: bigint,
  pricedWei: bigint,
  report: Findings.Open['report'],
): void {
  report('receipts.total_differs', 'The receipts of a payer and model do not sum to what was paid.', {
    node: batch.node,
    batch: batch.number,
    channel,
    paidWei,
    pricedWei,
  })
}
