import { type EpochFacts, type FactsSource, type SettledBatch, ZERO_HASH } from '../epochs/facts.ts'
import type { SettledPayment } from '../shares/answer-pools.ts'
import type { ChainEvent } from './read-events.ts'

/** Facts from the chain's own events, for whoever does not trust an index. */
export class ChainFacts implements FactsSource {
  readonly #events: readonly ChainEvent[]

  /** @param events of the whole chain up to the last block that is asked for: a batch continues the node's last one */
  constructor(events: readonly ChainEvent[]) {
    this.#events = events
  }

  async read(fromBlock: number, toBlock: number): Promise<EpochFacts> {
    const batches: (SettledBatch & { payments: SettledPayment[] })[] = []
    const byNumber = new Map<bigint, SettledPayment[]>()
    const lastReceiptOf = new Map<string, `0x${string}`>()
    const features = new Map<string, `0x${string}`>()
    for (const { name, values, blockNumber } of this.#events) {
      if (blockNumber > toBlock) break
      if (name === 'ReceiptsAnchored') {
        const { batch, ...anchored } = values as AnchoredValues
        const previousReceipt = lastReceiptOf.get(anchored.node) ?? ZERO_HASH
        lastReceiptOf.set(anchored.node, anchored.lastReceiptHash)
        if (blockNumber < fromBlock) continue
        const payments: SettledPayment[] = []
        byNumber.set(batch, payments)
        batches.push({ ...anchored, number: batch, previousReceipt, payments })
      } else if (name === 'Settled') {
        const { batch, payer, modelId, amountWei, contributorsWei } = values as SettledValues
        byNumber.get(batch)?.push({ payer, modelId, amountWei, contributorsWei })
      } else if (name === 'FeaturesPublished') {
        features.set(String(values.modelId), values.featuresDigest as `0x${string}`)
      }
    }
    return { batches, features }
  }
}

type AnchoredValues = Omit<SettledBatch, 'number' | 'previousReceipt' | 'payments'> & { batch: bigint }
type SettledValues = SettledPayment & { batch: bigint }
