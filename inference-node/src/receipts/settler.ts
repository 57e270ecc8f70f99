/**
 * Turns receipts into money: the oldest unsettled ones are published, their Merkle root is anchored and their channels
 * are charged, all by one transaction.
 *
 * It may be killed anywhere. What a batch holds is stored before its transaction is signed, and the signed transaction
 * before it is sent; whoever goes on asks the chain first. A batch never has two transactions that could both be mined:
 * another one is signed only when the first reverted or its nonce was used by something else.
 */
import {
  digestOfCid,
  MerkleTree,
  OpenLedgerError,
  type ReceiptsManifest,
  type SignedReceipt,
} from '@openledger/protocol'
import type { Log } from '@openledger/protocol/service'
import type { BatchStore, ChannelCharge, PendingBatch } from './batch-store.ts'
import type { EscrowSettlement } from './escrow-settlement.ts'

/** Bounds of one transaction's work. */
const MAX_RECEIPTS = 2000
const MAX_CHANNELS = 64

export class Settler {
  readonly #parts: Settler.Parts
  #running: Promise<Settler.Outcome> | undefined

  constructor(parts: Settler.Parts) {
    this.#parts = parts
  }

  /** Settles all that can be settled; calls that come meanwhile get the outcome of the one under way. */
  settle(): Promise<Settler.Outcome> {
    this.#running ??= this.#settleAll().finally(() => {
      this.#running = undefined
    })
    return this.#running
  }

  async #settleAll(): Promise<Settler.Outcome> {
    const { batches, chain, log } = this.#parts
    const outcome: Settler.Outcome = { batches: [], waitingReceipts: 0 }
    const unlanded = batches.unland(await chain.nextSequence())
    if (unlanded > 0) log.warn('the chain was reorganised: settling again', { batches: unlanded })
    for (;;) {
      const pending = batches.pending()[0] ?? (await this.#next())
      if (pending === null) break
      const landed = await this.#land(pending)
      if (landed === 'discarded') continue
      if (landed === 'waiting') break
      outcome.batches.push(landed)
    }
    return { ...outcome, waitingReceipts: batches.unsettledCount() }
  }

  /** Decides the next batch and stores it; null when nothing can be settled. */
  async #next(): Promise<PendingBatch | null> {
    const { batches, log, node, publishTranscripts, putJson } = this.#parts
    const receipts = withinChannels(batches.unsettled(MAX_RECEIPTS))
    if (receipts.length === 0) return null
    await publishTranscripts()
    const manifest: ReceiptsManifest = {
      kind: 'openledger/receipts@1',
      node: node as `0x${string}`,
      firstSequence: receipts[0]!.receipt.sequence,
      receipts,
    }
    const receiptsDigest = digestOfCid(await putJson(manifest))
    const batch = await this.#payable(receipts, receiptsDigest)
    if (batch === null) return null
    for (const { amountWei, voucher } of batch.writtenOff) {
      log.warn('answers can no longer be charged', { payer: voucher.payer, modelId: voucher.modelId, amountWei })
      this.#parts.onWrittenOff?.(BigInt(amountWei))
    }
    batches.create(batch)
    return batch
  }

  /** The batch of these receipts without the channels that the escrow would refuse; null when none is left. */
  async #payable(receipts: SignedReceipt[], receiptsDigest: string): Promise<PendingBatch | null> {
    const { batches, chain, node } = this.#parts
    let settlements = amountsByChannel(receipts).map(({ amountWei, modelId, payer }) =>
      batches.charge(payer, modelId, node, amountWei),
    )
    const writtenOff: ChannelCharge[] = []
    while (settlements.length > 0) {
      const batch: PendingBatch = {
        receiptBatch: {
          receiptsRoot: new MerkleTree(receipts.map(({ receiptHash }) => receiptHash)).root,
          receiptsDigest,
          receiptCount: receipts.length,
          firstSequence: Number(receipts[0]!.receipt.sequence),
          lastReceiptHash: receipts.at(-1)!.receiptHash,
          totalWei: settlements.reduce((sum, { amountWei }) => sum + BigInt(amountWei), 0n).toString(),
        },
        settlements,
        writtenOff,
        signedTransaction: null,
        transactionHash: null,
      }
      const refused = await chain.refusedChannels(batch)
      if (refused === null) return batch
      writtenOff.push(...settlements.filter(({ voucher }) => refused.includes(voucher)))
      settlements = settlements.filter(({ voucher }) => !refused.includes(voucher))
    }
    return null
  }

  /** Brings a stored batch on chain, wherever it stands. */
  async #land(batch: PendingBatch): Promise<Settler.Landed | 'discarded' | 'waiting'> {
    const { batches, chain, log } = this.#parts
    const { firstSequence } = batch.receiptBatch
    if ((await chain.nextSequence()) > firstSequence) return this.#book(batch)
    let { signedTransaction } = batch
    if (signedTransaction === null) {
      // A voucher may have expired since the batch was made; nothing is under way, so it can be made anew.
      if ((await chain.refusedChannels(batch)) !== null) {
        batches.discard(batch)
        return 'discarded'
      }
      const { hash, signed } = await chain.sign(batch)
      batches.setTransaction(batch, signed, hash)
      signedTransaction = signed
    }
    const end = await chain.send(signedTransaction)
    if (end === 'mined') return this.#book(batch)
    if (end === 'waiting') {
      log.warn('the settlement is not mined yet', { firstSequence })
      return 'waiting'
    }
    batches.setTransaction(batch, null, null)
    log.warn('the settlement must be signed again', { firstSequence, because: end })
    return this.#land({ ...batch, signedTransaction: null, transactionHash: null })
  }

  async #book(batch: PendingBatch): Promise<Settler.Landed> {
    const { batches, chain, log } = this.#parts
    const { firstSequence, receiptCount, receiptsRoot, totalWei } = batch.receiptBatch
    const anchored = await chain.anchored(firstSequence)
    if (anchored?.receiptsRoot !== receiptsRoot) {
      throw new OpenLedgerError('settlement.conflict', 'The chain holds other receipts of this node.', {
        facts: { firstSequence, receiptsRoot, onChain: anchored?.receiptsRoot ?? null },
        nextStep: 'Find who else uses the key of this node; then start the node with a new key.',
      })
    }
    batches.land(batch, anchored.batch)
    this.#parts.onLanded?.()
    const landed: Settler.Landed = {
      batch: anchored.batch.toString(),
      firstSequence,
      receiptCount,
      receiptsRoot,
      totalWei,
      transactionHash: anchored.transactionHash,
    }
    log.info('settled', landed)
    return landed
  }
}

export declare namespace Settler {
  type Parts = {
    /** This node's address, lower case. */
    node: string
    batches: BatchStore
    chain: EscrowSettlement
    /** Puts a value's canonical JSON into the content store and gives its CID. */
    putJson(value: unknown): Promise<string>
    /** Makes sure that whoever reads the receipts finds what they hash. */
    publishTranscripts(): Promise<unknown>
    log: Log
    onLanded?(): void
    onWrittenOff?(amountWei: bigint): void
  }
  type Landed = {
    /** The batch's number on chain. */
    batch: string
    firstSequence: number
    receiptCount: number
    receiptsRoot: string
    totalWei: string
    transactionHash: string
  }
  type Outcome = { batches: Landed[]; waitingReceipts: number }
}

/** The receipts up to where one transaction would charge too many channels. */
function withinChannels(receipts: SignedReceipt[]): SignedReceipt[] {
  const channels = new Set<string>()
  const end = receipts.findIndex(
    ({ receipt }) => channels.add(`${receipt.payer} ${receipt.modelId}`).size > MAX_CHANNELS,
  )
  return end === -1 ? receipts : receipts.slice(0, end)
}

/** What each channel owes for these receipts; channels that owe nothing are left out. */
function amountsByChannel(receipts: SignedReceipt[]): { payer: string; modelId: string; amountWei: bigint }[] {
  const channels = new Map<string, { payer: string; modelId: string; amountWei: bigint }>()
  for (const { receipt } of receipts) {
    const key = `${receipt.payer} ${receipt.modelId}`
    const channel = channels.get(key) ?? { payer: receipt.payer, modelId: receipt.modelId, amountWei: 0n }
    channels.set(key, { ...channel, amountWei: channel.amountWei + BigInt(receipt.priceWei) })
  }
  return [...channels.values()].filter(({ amountWei }) => amountWei > 0n)
}
