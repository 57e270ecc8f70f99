import type { SettledPayment } from '../shares/answer-pools.ts'

/** A batch of receipts as the escrow anchored it, with the payments that it explains. */
export type SettledBatch = {
  node: `0x${string}`
  /** The escrow's number of the batch, ascending over all nodes. */
  number: bigint
  receiptsRoot: `0x${string}`
  receiptsDigest: `0x${string}`
  receiptCount: bigint
  firstSequence: bigint
  lastReceiptHash: `0x${string}`
  /** Hash of the node's last receipt before this batch; zero for its first. */
  previousReceipt: `0x${string}`
  totalWei: bigint
  /** In the order of the events. */
  payments: readonly SettledPayment[]
}

/** What the chain says about a range of blocks: all that decides who is paid, but for the content that it names. */
export type EpochFacts = {
  /** Batches anchored in the range, ascending by number. */
  batches: readonly SettledBatch[]
  /** Model id → digest of its features manifest, for all published up to the range's end. */
  features: ReadonlyMap<string, `0x${string}`>
}

/** Where facts are read from. The engine reads its mirror; whoever verifies reads the chain. */
export interface FactsSource {
  /** @param fromBlock, toBlock both included */
  read(fromBlock: number, toBlock: number): Promise<EpochFacts>
}

export const ZERO_HASH = `0x${'0'.repeat(64)}` as const
