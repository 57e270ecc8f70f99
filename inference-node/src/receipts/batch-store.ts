import type { DatabaseSync, SQLOutputValue } from 'node:sqlite'
import type { SignedReceipt, SignedVoucher } from '@openledger/protocol'
import { ChannelStore } from '../payment/channel-store.ts'
import { inTransaction } from '../store/database.ts'
import { signedReceiptOf } from './receipt-log.ts'

/** One channel's part in a batch. */
export type ChannelCharge = {
  voucher: SignedVoucher
  /** What the channel cost in all, with this batch. */
  spentWei: string
  /** What this batch's answers cost. */
  amountWei: string
}

type ReceiptBatch = {
  receiptsRoot: string
  receiptsDigest: string
  receiptCount: number
  firstSequence: number
  lastReceiptHash: string
  totalWei: string
}

/** Receipts that go on chain together, as decided once and for all before a transaction is sent. */
export type PendingBatch = {
  receiptBatch: ReceiptBatch
  settlements: ChannelCharge[]
  /** Channels whose answers in this batch can no longer be charged, and are given up. */
  writtenOff: ChannelCharge[]
  signedTransaction: string | null
  transactionHash: string | null
}

/** Settlement batches on the disk. */
export class BatchStore {
  readonly #database: DatabaseSync
  readonly #channels: ChannelStore

  constructor(database: DatabaseSync) {
    this.#database = database
    this.#channels = new ChannelStore(database)
  }

  /** The oldest receipts that are in no batch, in order. */
  unsettled(limit: number): SignedReceipt[] {
    const rows = this.#database
      .prepare('SELECT * FROM receipts WHERE first_sequence IS NULL ORDER BY sequence LIMIT ?')
      .all(limit)
    return rows.map(signedReceiptOf)
  }

  unsettledCount(): number {
    return Number(this.#database.prepare('SELECT count(*) AS n FROM receipts WHERE first_sequence IS NULL').get()?.n)
  }

  /** The voucher and spending of a channel as a charge of `amountWei` more. */
  charge(payer: string, modelId: string, node: string, amountWei: bigint): ChannelCharge {
    const channel = this.#channels.find(payer, modelId)!
    const voucher = {
      payer,
      node,
      modelId,
      cumulativeWei: channel.cumulativeWei.toString(),
      expiresAt: channel.expiresAt,
      signature: channel.signature,
    } as SignedVoucher
    return { voucher, spentWei: (channel.settledWei + amountWei).toString(), amountWei: amountWei.toString() }
  }

  /** Batches not known to be on chain, oldest first. */
  pending(): PendingBatch[] {
    return this.#database.prepare('SELECT * FROM batches WHERE landed = 0 ORDER BY first_sequence').all().map(batchOf)
  }

  /** Stores a batch and gives up what it writes off. */
  create({ receiptBatch, settlements, writtenOff }: PendingBatch): void {
    const { firstSequence, receiptCount } = receiptBatch
    inTransaction(this.#database, () => {
      this.#database
        .prepare('INSERT INTO batches (first_sequence, receipt_batch, settlements, written_off) VALUES (?, ?, ?, ?)')
        .run(firstSequence, JSON.stringify(receiptBatch), JSON.stringify(settlements), JSON.stringify(writtenOff))
      this.#database
        .prepare('UPDATE receipts SET first_sequence = ? WHERE sequence >= ? AND sequence < ?')
        .run(firstSequence, firstSequence, firstSequence + receiptCount)
      for (const charge of writtenOff) this.#addSpent(charge, -BigInt(charge.amountWei))
    })
  }

  /** Takes a batch apart that can no longer land as it is; its receipts wait for the next. */
  discard({ receiptBatch: { firstSequence }, writtenOff }: PendingBatch): void {
    inTransaction(this.#database, () => {
      this.#database.prepare('UPDATE receipts SET first_sequence = NULL WHERE first_sequence = ?').run(firstSequence)
      this.#database.prepare('DELETE FROM batches WHERE first_sequence = ?').run(firstSequence)
      for (const charge of writtenOff) this.#addSpent(charge, BigInt(charge.amountWei))
    })
  }

  /** Remembers the one transaction that may carry the batch; null when the last one can never be mined. */
  setTransaction({ receiptBatch }: PendingBatch, signed: string | null, hash: string | null): void {
    this.#database
      .prepare('UPDATE batches SET signed_transaction = ?, transaction_hash = ? WHERE first_sequence = ?')
      .run(signed, hash, receiptBatch.firstSequence)
  }

  /** Books a batch that is on chain under the number `batch`. */
  land({ receiptBatch, settlements }: PendingBatch, batch: bigint): void {
    inTransaction(this.#database, () => {
      this.#database
        .prepare('UPDATE batches SET landed = 1, batch = ? WHERE first_sequence = ?')
        .run(batch.toString(), receiptBatch.firstSequence)
      for (const { spentWei, voucher } of settlements) {
        const channel = this.#channels.find(voucher.payer, voucher.modelId)!
        this.#channels.save({ ...channel, settledWei: BigInt(spentWei) })
      }
    })
  }

  /** Batches from `sequence` on are no longer on chain: it was reorganised. Returns how many. */
  unland(sequence: number): number {
    return inTransaction(this.#database, () => {
      const lost = this.#database
        .prepare('SELECT * FROM batches WHERE landed = 1 AND first_sequence >= ? ORDER BY first_sequence DESC')
        .all(sequence)
      for (const row of lost) {
        const { receiptBatch, settlements } = batchOf(row)
        this.#database
          .prepare('UPDATE batches SET landed = 0, batch = NULL WHERE first_sequence = ?')
          .run(receiptBatch.firstSequence)
        for (const { amountWei, spentWei, voucher } of settlements) {
          const channel = this.#channels.find(voucher.payer, voucher.modelId)!
          this.#channels.save({ ...channel, settledWei: BigInt(spentWei) - BigInt(amountWei) })
        }
      }
      return lost.length
    })
  }

  #addSpent({ voucher }: ChannelCharge, amountWei: bigint): void {
    const channel = this.#channels.find(voucher.payer, voucher.modelId)!
    this.#channels.save({ ...channel, spentWei: channel.spentWei + amountWei })
  }
}

function batchOf(row: Record<string, SQLOutputValue>): PendingBatch {
  const text = (value: SQLOutputValue | undefined) => (value === null || value === undefined ? null : String(value))
  return {
    receiptBatch: JSON.parse(String(row.receipt_batch)),
    settlements: JSON.parse(String(row.settlements)),
    writtenOff: JSON.parse(String(row.written_off)),
    signedTransaction: text(row.signed_transaction),
    transactionHash: text(row.transaction_hash),
  }
}
