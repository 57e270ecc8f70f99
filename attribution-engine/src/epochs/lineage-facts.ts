import type { LineageStore } from '@openledger/lineage-store'
import { OpenLedgerError } from '@openledger/protocol'
import { type EpochFacts, type FactsSource, type SettledBatch, ZERO_HASH } from './facts.ts'

/** Facts from the mirror of the subgraph: a few queries however long the chain is. */
export class LineageFacts implements FactsSource {
  readonly #lineage: LineageStore

  constructor(lineage: LineageStore) {
    this.#lineage = lineage
  }

  /** @throws lineage.behind unless the mirror has all blocks of the range */
  async read(fromBlock: number, toBlock: number): Promise<EpochFacts> {
    const head = await this.#lineage.head()
    if (head === null || head.number < toBlock) {
      throw new OpenLedgerError('lineage.behind', 'Lineage is behind the epoch it must explain.', {
        facts: { toBlock, mirroredBlock: head?.number ?? null },
        nextStep: 'Wait until the subgraph has indexed the block; `GET /status` shows how far it is.',
        retryable: true,
      })
    }
    const range = [String(fromBlock), String(toBlock)]
    const batches = await this.#lineage.query<BatchRow>(
      `SELECT id, node, number, receiptsRoot, receiptsDigest, receiptCount, firstSequence, lastReceiptHash, totalWei,
              coalesce(previousReceipt, '${ZERO_HASH}') AS previousReceipt
       FROM (SELECT *, lag(lastReceiptHash) OVER (PARTITION BY node ORDER BY number) AS previousReceipt FROM ReceiptBatch)
       WHERE blockNumber BETWEEN CAST($1 AS BIGNUM) AND CAST($2 AS BIGNUM)
       ORDER BY number`,
      range,
    )
    // An id is the transaction's hash and the log's index, little-endian: within a transaction it does not order events.
    // Payments of one batch are only ever summed by channel, so their order decides nothing; the id makes it stable.
    const payments = await this.#lineage.query<PaymentRow>(
      `SELECT batch, payer, model AS modelId, amountWei, contributorsWei FROM Settlement
       WHERE blockNumber BETWEEN CAST($1 AS BIGNUM) AND CAST($2 AS BIGNUM) ORDER BY batch, id`,
      range,
    )
    const features = await this.#lineage.query<{ model: string; digest: `0x${string}` }>(
      'SELECT model, digest FROM Features WHERE blockNumber <= CAST($1 AS BIGNUM)',
      [String(toBlock)],
    )
    const read = batches.map(({ id, ...batch }) => ({
      ...batch,
      payments: payments.filter((payment) => payment.batch === id).map(({ batch: _, ...payment }) => payment),
    }))
    const earlier = await this.#lineage.query<{ count: bigint }>(
      'SELECT count(*) AS count FROM ReceiptBatch WHERE blockNumber < CAST($1 AS BIGNUM)',
      [String(fromBlock)],
    )
    refuseGaps(read, earlier[0]!.count)
    return {
      batches: read,
      features: new Map(features.map(({ model, digest }) => [model, digest])),
    }
  }
}

/**
 * The escrow numbers batches without gaps and makes every batch's payments sum to its total, so a mirror that lost or
 * doubled a row shows it here and not in somebody's pay.
 */
function refuseGaps(batches: readonly SettledBatch[], earlier: bigint): void {
  for (const [index, { number, totalWei, payments }] of batches.entries()) {
    const paidWei = payments.reduce((sum, { amountWei }) => sum + amountWei, 0n)
    if (number === earlier + BigInt(index) + 1n && paidWei === totalWei) continue
    throw new OpenLedgerError('lineage.incomplete', 'The mirror does not hold every settlement of the epoch.', {
      facts: { batch: number, expectedBatch: earlier + BigInt(index) + 1n, totalWei, paidWei },
      nextStep: 'Try again; if it stays, delete the lineage database: it is mirrored anew.',
      retryable: true,
    })
  }
}

type BatchRow = Omit<SettledBatch, 'payments'> & { id: string }
type PaymentRow = { batch: string; payer: string; modelId: string; amountWei: bigint; contributorsWei: bigint }
