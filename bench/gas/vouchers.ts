import { signVoucher } from '@openledger/protocol'
import { Signature, Wallet } from 'ethers'
import type { Economy } from './economy.ts'
import { register } from './lineage.ts'
import { hexOf } from './random.ts'

/** Seconds of 2033: a voucher's end is part of what is sent, so it must not follow the clock. */
const EXPIRES_AT = '2000000000'
const ONE_OPEN = 10n ** 18n

/** Payers with a deposit, and a node that settles with all of them for one adapter. */
export class Channels {
  readonly #economy: Economy
  readonly #payers: readonly Wallet[]
  readonly #modelId: string
  #sequence = 0

  private constructor(economy: Economy, payers: readonly Wallet[], modelId: string) {
    this.#economy = economy
    this.#payers = payers
    this.#modelId = modelId
  }

  static async open(economy: Economy, count: number): Promise<Channels> {
    const { holder } = economy.accounts
    const base = await register(economy, 'base', [])
    const adapter = await register(economy, 'adapter', [[base.id, 0]])
    await economy.send(holder, 'OpenToken', 'approve', economy.addressOf('InferenceEscrow'), 10n ** 24n)
    const payers = Array.from({ length: count }, (_, i) => new Wallet(hexOf(`payer ${i}`)))
    for (const { address } of payers) await economy.send(holder, 'InferenceEscrow', 'deposit', address, 100n * ONE_OPEN)
    return new Channels(economy, payers, adapter.id)
  }

  /** Settles what every channel cost by now, `openSoFar` OPEN and a little each. @return gas of the transaction */
  async settle(openSoFar: bigint, form: 'compact' | 'plain' = 'compact'): Promise<number> {
    const { node } = this.#economy.accounts
    const domain = {
      name: 'OpenLedger Inference',
      version: '1',
      chainId: await this.#economy.chainId(),
      verifyingContract: this.#economy.addressOf('InferenceEscrow'),
    }
    const settlements: unknown[] = []
    let totalWei = 0n
    for (const [i, payer] of this.#payers.entries()) {
      const spentWei = openSoFar * (ONE_OPEN + BigInt(i) * 1_234_567n)
      const limitWei = spentWei + ONE_OPEN / 2n
      const voucher = {
        payer: payer.address.toLowerCase(),
        node: node.toLowerCase(),
        modelId: this.#modelId,
        cumulativeWei: limitWei.toString(),
        expiresAt: EXPIRES_AT,
      }
      const { signature } = await signVoucher(payer, domain, voucher as never)
      const settled = await this.#settledOf(payer.address)
      settlements.push([
        payer.address,
        limitWei,
        EXPIRES_AT,
        spentWei,
        form === 'compact' ? compact(signature) : signature,
      ])
      totalWei += spentWei - settled
    }
    const count = this.#payers.length
    const receipts = [hexOf('receipts'), hexOf('published'), count, this.#sequence, hexOf('last'), totalWei]
    this.#sequence += count
    return this.#economy.send(node, 'InferenceEscrow', 'settle', [[this.#modelId, settlements]], receipts)
  }

  async #settledOf(payer: string): Promise<bigint> {
    const { node } = this.#economy.accounts
    return (await this.#economy.ask(node, 'InferenceEscrow', 'settledOf', payer, node, this.#modelId)) as bigint
  }
}

/** 64 bytes, ERC-2098. */
function compact(signature: string): string {
  return Signature.from(signature).compactSerialized
}
