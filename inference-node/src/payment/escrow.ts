import { InferenceEscrowAbi } from '@openledger/protocol/abi'
import { Contract, type Provider } from 'ethers'

/** What the chain says about payers. */
export interface Escrow {
  /** Unix seconds by which the chain judges a voucher's age. */
  timeS(): Promise<bigint>
  /** Wei that the payer can surely still be charged: deposited and not about to leave. */
  availableWei(payer: string): Promise<bigint>
  /** Wei that the channel between the payer and this node was charged so far. */
  settledWei(payer: string, modelId: string): Promise<bigint>
  /** Whether the account signs for the payer. */
  isSigner(payer: string, account: string): Promise<boolean>
  /** Whether the payer is a contract that takes the signature as its own (ERC-1271). */
  acceptsSignature(payer: string, digest: string, signature: string): Promise<boolean>
  /** Drops what was remembered about balances, after a settlement changed them. */
  forget(): void
}

const ERC1271 = ['function isValidSignature(bytes32 digest, bytes signature) view returns (bytes4)']
const ERC1271_ACCEPTED = '0x1626ba7e'

/** The escrow contract, its answers remembered for a moment: a busy payer must not cost a call for every request. */
export class ChainEscrow implements Escrow {
  readonly #contract: Contract
  readonly #provider: Provider
  readonly #node: string
  readonly #rememberMs: number
  readonly #answers = new Map<string, { untilMs: number; answer: Promise<unknown> }>()

  constructor(options: ChainEscrow.Options) {
    this.#contract = new Contract(options.address, InferenceEscrowAbi, options.provider)
    this.#provider = options.provider
    this.#node = options.node
    this.#rememberMs = options.rememberMs ?? 2000
  }

  timeS(): Promise<bigint> {
    return this.#remember('time', async () => {
      const block = await this.#provider.getBlock('latest')
      // A chain without new blocks stands still, but its next block will not.
      return BigInt(Math.max(block?.timestamp ?? 0, Math.floor(Date.now() / 1000)))
    })
  }

  availableWei(payer: string): Promise<bigint> {
    return this.#remember(`available ${payer}`, () => this.#call('availableOf', payer))
  }

  settledWei(payer: string, modelId: string): Promise<bigint> {
    return this.#call('settledOf', payer, this.#node, modelId)
  }

  isSigner(payer: string, account: string): Promise<boolean> {
    return this.#remember(`signer ${payer} ${account}`, () => this.#call('isSigner', payer, account))
  }

  acceptsSignature(payer: string, digest: string, signature: string): Promise<boolean> {
    return this.#remember(`signature ${payer} ${digest} ${signature}`, async () => {
      if ((await this.#provider.getCode(payer)) === '0x') return false
      const answer: unknown = await new Contract(payer, ERC1271, this.#provider)
        .getFunction('isValidSignature')
        .staticCall(digest, signature)
        .catch(() => undefined)
      return answer === ERC1271_ACCEPTED
    })
  }

  forget(): void {
    this.#answers.clear()
  }

  async #call<T>(name: string, ...values: unknown[]): Promise<T> {
    return (await this.#contract.getFunction(name).staticCall(...values)) as T
  }

  #remember<T>(key: string, ask: () => Promise<T>): Promise<T> {
    const nowMs = Date.now()
    const known = this.#answers.get(key)
    if (known !== undefined && known.untilMs > nowMs) return known.answer as Promise<T>
    for (const [old, { untilMs }] of this.#answers) if (untilMs <= nowMs) this.#answers.delete(old)
    const answer = ask()
    this.#answers.set(key, { untilMs: nowMs + this.#rememberMs, answer })
    answer.catch(() => this.#answers.delete(key))
    return answer
  }
}

export declare namespace ChainEscrow {
  type Options = {
    /** The escrow contract. */
    address: string
    provider: Provider
    /** This node's address. */
    node: string
    /** How long an answer counts; what is served in that time on a balance that just went is the node's risk. */
    rememberMs?: number
  }
}
