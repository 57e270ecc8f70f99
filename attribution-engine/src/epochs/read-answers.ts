import type { ContentStore } from '@openledger/content-store'
import type { AnswerReceipt } from '@openledger/protocol'
import type { TypedDataDomain } from 'ethers'
import { splitIntoPools } from '../shares/answer-pools.ts'
import type { EpochFacts, SettledBatch } from './facts.ts'
import { type ReceiptsReading, readReceipts } from './read-receipts.ts'

/** An answer whose pool can be traced to records. */
export type PayableAnswer = {
  receiptHash: `0x${string}`
  modelId: `0x${string}`
  poolWei: bigint
  receipt: AnswerReceipt
  /** Digest of the model's features manifest. */
  features: `0x${string}`
}

export type EpochAnswers = {
  /** In the order of batches and receipts. */
  answers: readonly PayableAnswer[]
  /** What cannot be traced: it goes to the reserve. */
  untraceableWei: bigint
  /** How each batch's receipts read. */
  readings: readonly { batch: SettledBatch; reading: ReceiptsReading }[]
}

/**
 * Each payment's contributors' part, split over the answers that it paid for.
 *
 * Untraceable are: a batch with faulty receipts (what a root anchors that is not what it claims explains nothing), a payment
 * that no receipt explains, an answer of a model without published features (a base that answered alone).
 * @throws what the content store throws when a receipts manifest cannot be had
 */
export async function readAnswers(
  facts: EpochFacts,
  content: Pick<ContentStore, 'get'>,
  domain: TypedDataDomain,
): Promise<EpochAnswers> {
  const readings = await Promise.all(
    facts.batches.map(async (batch) => ({ batch, reading: await readReceipts(batch, content, domain) })),
  )
  const answers: PayableAnswer[] = []
  let untraceableWei = 0n
  for (const { batch, reading } of readings) {
    const receipts = reading.kind === 'good' ? reading.receipts : []
    const { pools, unexplainedWei } = splitIntoPools(batch.payments, receipts)
    untraceableWei += unexplainedWei
    for (const { receiptHash, receipt, poolWei } of pools) {
      const features = facts.features.get(receipt.modelId)
      if (features === undefined) untraceableWei += poolWei
      else answers.push({ receiptHash, modelId: receipt.modelId, poolWei, receipt, features })
    }
  }
  return { answers, untraceableWei, readings }
}
