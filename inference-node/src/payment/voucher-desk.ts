/**
 * Decides whether a request is paid for, and keeps book.
 *
 * A channel is (payer, this node, model). Its newest voucher allows `cumulativeWei` over the channel's life; of that,
 * `spentWei` was used by answers, and what open requests may still use is reserved. A request is served only if
 *
 *   spent + reserved + its highest price ≤ cumulative      the payer signed for it
 *   what the payer owes here, with this request ≤ balance  the escrow has it
 *
 * and its voucher is stored before the first token. Each request brings a voucher above the last one: a voucher that
 * somebody copied from a wire buys nothing. What a request reserved and did not use is free again at once.
 */
import type { DatabaseSync } from 'node:sqlite'
import { type SignedVoucher, voucherHash, voucherSigner } from '@openledger/protocol'
import type { TypedDataDomain } from 'ethers'
import { type Channel, ChannelStore } from './channel-store.ts'
import type { Escrow } from './escrow.ts'
import { PaymentError } from './payment-error.ts'
import { decodeVoucher } from './voucher-header.ts'

export class VoucherDesk {
  readonly #channels: ChannelStore
  readonly #escrow: Escrow
  readonly #options: VoucherDesk.Options
  /** Channel → wei that open requests may still use. Lost in a crash, like the requests. */
  readonly #reserved = new Map<string, bigint>()

  constructor(database: DatabaseSync, escrow: Escrow, options: VoucherDesk.Options) {
    this.#channels = new ChannelStore(database)
    this.#escrow = escrow
    this.#options = options
  }

  /**
   * Takes the voucher and sets `amountWei` aside for one request.
   * @param header value of OpenLedger-Voucher
   * @throws PaymentError; then nothing has changed
   */
  async reserve(header: string | undefined, { amountWei, modelId }: VoucherDesk.Demand): Promise<Reservation> {
    const minExpiresAt = (await this.#escrow.timeS()) + BigInt(Math.ceil(this.#options.minLifetimeMs / 1000))
    const unknownPayer = this.#requirements({ modelId, minExpiresAt, neededWei: amountWei })
    if (header === undefined) {
      throw new PaymentError('voucher.missing', 'This node serves paid requests only.', unknownPayer)
    }
    const voucher = decodeVoucher(header)
    if (voucher === null) {
      throw new PaymentError(
        'voucher.malformed',
        'The header OpenLedger-Voucher does not hold a voucher.',
        unknownPayer,
      )
    }
    if (voucher.node !== this.#options.node) {
      const facts = { node: voucher.node, thisNode: this.#options.node }
      throw new PaymentError('voucher.wrong_node', 'The voucher is made out to another node.', unknownPayer, facts)
    }
    if (voucher.modelId !== modelId) {
      const facts = { modelId: voucher.modelId, requested: modelId }
      throw new PaymentError('voucher.wrong_model', 'The voucher is made out for another model.', unknownPayer, facts)
    }
    await this.#checkSignature(voucher, unknownPayer)

    const { payer } = voucher
    const balanceWei = await this.#escrow.availableWei(payer)
    const fresh = this.#channels.find(payer, modelId) ?? (await this.#open(payer, modelId))
    // From here on nothing waits: whatever else runs sees the channel before or after, never between.
    const channel = this.#channels.find(payer, modelId) ?? fresh
    const key = keyOf(payer, modelId)
    const usedWei = channel.spentWei + this.#reservedOn(key)
    const neededWei = max(usedWei + amountWei, channel.cumulativeWei + 1n)
    const requirements = this.#requirements({
      modelId,
      minExpiresAt,
      neededWei,
      spentWei: channel.spentWei,
      balanceWei,
    })
    const cumulativeWei = BigInt(voucher.cumulativeWei)
    if (BigInt(voucher.expiresAt) < minExpiresAt) {
      const facts = { expiresAt: voucher.expiresAt, needed: minExpiresAt }
      throw new PaymentError('voucher.expired', 'The voucher expires before it can be settled.', requirements, facts)
    }
    if (cumulativeWei <= channel.cumulativeWei) {
      const facts = { cumulativeWei, last: channel.cumulativeWei }
      throw new PaymentError('voucher.stale', 'The voucher does not go beyond the last one.', requirements, facts)
    }
    if (cumulativeWei < usedWei + amountWei) {
      const facts = { cumulativeWei, neededWei }
      throw new PaymentError('voucher.insufficient', 'The voucher does not cover this request.', requirements, facts)
    }
    const owedWei = this.#owedBy(payer) + amountWei
    if (max(owedWei, cumulativeWei - channel.settledWei) > balanceWei) {
      const facts = { balanceWei, owedWei, promisedWei: cumulativeWei - channel.settledWei }
      throw new PaymentError('escrow.insufficient', "The payer's balance does not cover it.", requirements, facts)
    }
    this.#channels.save({ ...channel, cumulativeWei, expiresAt: voucher.expiresAt, signature: voucher.signature })
    this.#reserved.set(key, this.#reservedOn(key) + amountWei)
    return { payer, modelId, amountWei }
  }

  /**
   * Books what an answer really cost, within its reservation. Call it in the transaction that stores the receipt; then
   * `release` the reservation.
   */
  charge({ amountWei, modelId, payer }: Reservation, priceWei: bigint): void {
    if (priceWei > amountWei) throw new Error(`an answer of ${priceWei} wei exceeds its reservation of ${amountWei}`)
    const channel = this.#channels.find(payer, modelId)!
    this.#channels.save({ ...channel, spentWei: channel.spentWei + priceWei })
  }

  /** Gives back what a request set aside: after its charge, or when nothing was served. */
  release({ amountWei, modelId, payer }: Reservation): void {
    const key = keyOf(payer, modelId)
    const restWei = this.#reservedOn(key) - amountWei
    if (restWei > 0n) this.#reserved.set(key, restWei)
    else this.#reserved.delete(key)
  }

  #reservedOn(key: string): bigint {
    return this.#reserved.get(key) ?? 0n
  }

  /** What the payer has used here and not been charged, plus what its open requests may use, over all its channels. */
  #owedBy(payer: string): bigint {
    let owedWei = 0n
    for (const { modelId, settledWei, spentWei } of this.#channels.ofPayer(payer)) {
      owedWei += spentWei - settledWei + this.#reservedOn(keyOf(payer, modelId))
    }
    return owedWei
  }

  /** A channel begins where the chain says it stands: the node's own book may be younger. */
  async #open(payer: string, modelId: string): Promise<Channel> {
    const settledWei = await this.#escrow.settledWei(payer, modelId)
    return {
      payer,
      modelId,
      cumulativeWei: settledWei,
      expiresAt: '0',
      signature: '0x',
      spentWei: settledWei,
      settledWei,
    }
  }

  async #checkSignature(voucher: SignedVoucher, requirements: PaymentError.Requirements): Promise<void> {
    const { domain } = this.#options
    const signer = recover(domain, voucher)
    if (signer === voucher.payer) return
    if (signer !== null && (await this.#escrow.isSigner(voucher.payer, signer))) return
    if (await this.#escrow.acceptsSignature(voucher.payer, voucherHash(domain, voucher), voucher.signature)) return
    throw new PaymentError(
      'voucher.bad_signature',
      'The voucher is not signed by its payer, nor by a signer of the payer.',
      requirements,
      { payer: voucher.payer, signer },
    )
  }

  #requirements(of: {
    modelId: string
    minExpiresAt: bigint
    neededWei: bigint
    spentWei?: bigint
    balanceWei?: bigint
  }): PaymentError.Requirements {
    const { domain, node } = this.#options
    return {
      node,
      modelId: of.modelId,
      escrow: String(domain.verifyingContract),
      chainId: Number(domain.chainId),
      cumulativeWei: of.neededWei.toString(),
      spentWei: (of.spentWei ?? 0n).toString(),
      expiresAt: of.minExpiresAt.toString(),
      balanceWei: of.balanceWei?.toString() ?? null,
    }
  }
}

export type Reservation = { payer: string; modelId: string; amountWei: bigint }

export declare namespace VoucherDesk {
  type Options = {
    /** EIP-712 domain of the escrow. */
    domain: TypedDataDomain
    /** This node's address, lower case. */
    node: string
    /** A voucher must live so much longer: a settlement lies between. */
    minLifetimeMs: number
  }
  type Demand = {
    modelId: string
    /** The most that the request can cost. */
    amountWei: bigint
  }
}

function recover(domain: TypedDataDomain, voucher: SignedVoucher): string | null {
  try {
    return voucherSigner(domain, voucher)
  } catch {
    return null
  }
}

function keyOf(payer: string, modelId: string): string {
  return `${payer} ${modelId}`
}

function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b
}
