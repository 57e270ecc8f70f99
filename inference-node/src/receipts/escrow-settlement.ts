import { OpenLedgerError, type SignedVoucher, voucherSigner } from '@openledger/protocol'
import { InferenceEscrowAbi } from '@openledger/protocol/abi'
import { untilMined } from '@openledger/protocol/service'
import {
  type AbstractSigner,
  Contract,
  dataLength,
  type EventLog,
  isError,
  type Provider,
  Signature,
  Transaction,
  type TypedDataDomain,
} from 'ethers'
import type { PendingBatch } from './batch-store.ts'

/** The settling side of the escrow contract, for one node. */
export class EscrowSettlement {
  readonly #contract: Contract
  readonly #domain: TypedDataDomain
  readonly #provider: Provider
  readonly #signer: AbstractSigner
  readonly #startBlock: number
  readonly #minedWithinMs: number

  constructor(options: EscrowSettlement.Options) {
    this.#contract = new Contract(options.address, InferenceEscrowAbi, options.provider)
    this.#domain = options.domain
    this.#provider = options.provider
    this.#signer = options.signer
    this.#startBlock = options.startBlock
    this.#minedWithinMs = options.minedWithinMs ?? 60_000
  }

  /** Sequence number with which this node's next batch must begin. */
  async nextSequence(): Promise<number> {
    const node = await this.#signer.getAddress()
    return Number(await this.#contract.getFunction('nextSequence').staticCall(node))
  }

  /** This node's anchored batch that begins at `firstSequence`, or its last one; null when there is none. */
  async anchored(firstSequence?: number): Promise<EscrowSettlement.Anchored | null> {
    const node = await this.#signer.getAddress()
    const filter = this.#contract.filters.ReceiptsAnchored!(node)
    const events = (await this.#contract.queryFilter(filter, this.#startBlock)) as EventLog[]
    const found = events.filter(
      ({ args }) => firstSequence === undefined || args.firstSequence === BigInt(firstSequence),
    )
    const last = found.at(-1)
    if (last === undefined) return null
    const { batch, lastReceiptHash, receiptsRoot } = last.args
    return { batch, lastReceiptHash, receiptsRoot, transactionHash: last.transactionHash }
  }

  /**
   * Asks the chain whether the batch would be accepted now.
   * @returns null if it would; else the channels that it refuses, of which there is at least one
   * @throws settlement.refused when the refusal is about no channel
   */
  async refusedChannels(batch: PendingBatch): Promise<SignedVoucher[] | null> {
    try {
      await this.#contract.getFunction('settle').estimateGas(...this.#arguments(batch), { from: this.#signer })
      return null
    } catch (error) {
      const refused = this.#culprits(error, batch)
      if (refused.length === 0) throw this.#refusal(error)
      return refused
    }
  }

  /** Signs the batch's transaction without sending it. */
  async sign(batch: PendingBatch): Promise<{ signed: string; hash: string }> {
    const transaction = await this.#contract.getFunction('settle').populateTransaction(...this.#arguments(batch))
    const populated = await this.#signer.populateTransaction(transaction)
    // Storage that other settlements touch in between may make it dearer than it looked.
    const gasLimit = (BigInt(populated.gasLimit!) * 6n) / 5n
    delete populated.from
    const signed = await this.#signer.signTransaction({ ...populated, gasLimit })
    return { signed, hash: Transaction.from(signed).hash! }
  }

  /**
   * Sends a signed transaction, again if need be, and waits for its end.
   *   mined     it is in a block and succeeded
   *   reverted  it is in a block and changed nothing
   *   replaced  another transaction took its nonce: it can never be mined
   *   waiting   not mined in the time that a call waits
   */
  async send(signed: string): Promise<'mined' | 'reverted' | 'replaced' | 'waiting'> {
    const { from, hash, nonce } = Transaction.from(signed)
    const known = await this.#provider.getTransactionReceipt(hash!)
    if (known === null) {
      if ((await this.#provider.getTransactionCount(from!, 'latest')) > nonce) {
        // Mined between the two questions, or replaced.
        const late = await this.#provider.getTransactionReceipt(hash!)
        return late === null ? 'replaced' : late.status === 1 ? 'mined' : 'reverted'
      }
      await this.#broadcast(signed)
    }
    const receipt = known ?? (await untilMined(this.#provider, hash!, this.#minedWithinMs))
    if (receipt === null) return 'waiting'
    return receipt.status === 1 ? 'mined' : 'reverted'
  }

  async #broadcast(signed: string): Promise<void> {
    try {
      await this.#provider.broadcastTransaction(signed)
    } catch (error) {
      // It lies in the pool already: sent before a crash, or by the call that timed out.
      if (/already known|already imported|known transaction/i.test(String(error))) return
      if (!isError(error, 'INSUFFICIENT_FUNDS')) throw error
      throw new OpenLedgerError('settlement.no_gas', 'The account of this node cannot pay for its transaction.', {
        facts: { node: Transaction.from(signed).from },
        nextStep: "Send some of the chain's own coin to this address; the node tries again by itself.",
        retryable: true,
        cause: error,
      })
    }
  }

  /** The channels that a revert is about. */
  #culprits(error: unknown, { settlements }: PendingBatch): SignedVoucher[] {
    const revert = this.#parse(error)
    const vouchers = settlements.map(({ voucher }) => voucher)
    switch (revert?.name) {
      case 'EscrowVoucherExpired':
        return vouchers.filter(({ expiresAt }) => BigInt(expiresAt) === revert.args.expiresAt)
      case 'EscrowBadSignature':
        return vouchers.filter(({ payer }) => payer === String(revert.args.payer).toLowerCase())
      case 'EscrowInsufficientBalance':
        // Leaving out any one of the payer's channels frees balance for the others; the last is as good as any.
        return vouchers.filter(({ payer }) => payer === String(revert.args.payer).toLowerCase()).slice(-1)
      default:
        return []
    }
  }

  /** The batch as the contract takes it: by model, a payer's own signature in its short form. */
  #arguments({ receiptBatch, settlements }: PendingBatch): [unknown[], unknown] {
    const byModel = Map.groupBy(settlements, ({ voucher }) => voucher.modelId)
    const models = [...byModel].map(([modelId, charges]) => ({
      modelId,
      settlements: charges.map(({ spentWei, voucher }) => ({
        payer: voucher.payer,
        cumulativeWei: voucher.cumulativeWei,
        expiresAt: voucher.expiresAt,
        spentWei,
        signature: this.#shortSignature(voucher),
      })),
    }))
    return [models, receiptBatch]
  }

  /** 64 bytes (ERC-2098) for a payer that signs with its key; what a contract checks by itself stays as it is. */
  #shortSignature(voucher: SignedVoucher): string {
    const { payer, signature } = voucher
    try {
      const isOwn = dataLength(signature) === 65 && voucherSigner(this.#domain, voucher) === payer
      return isOwn ? Signature.from(signature).compactSerialized : signature
    } catch {
      return signature // no key's signature at all: the payer's contract knows what it means
    }
  }

  #parse(error: unknown) {
    if (!isError(error, 'CALL_EXCEPTION') || error.data === null) return null
    return this.#contract.interface.parseError(error.data)
  }

  #refusal(error: unknown): OpenLedgerError {
    const reason = this.#parse(error)?.signature ?? (error instanceof Error ? error.message : String(error))
    return new OpenLedgerError('settlement.refused', 'The escrow refuses this settlement.', {
      facts: { reason },
      nextStep: 'Check that the chain answers, and that no other process settles with the key of this node.',
      retryable: true,
      cause: error,
    })
  }
}

export declare namespace EscrowSettlement {
  type Options = {
    /** The escrow contract. */
    address: string
    /** What vouchers are signed for. */
    domain: TypedDataDomain
    provider: Provider
    /** The node's key; its transactions need gas. */
    signer: AbstractSigner
    /** First block that can hold an event of the escrow. */
    startBlock: number
    /** How long one call waits for a transaction to be mined. */
    minedWithinMs?: number
  }
  type Anchored = { batch: bigint; receiptsRoot: string; lastReceiptHash: string; transactionHash: string }
}
