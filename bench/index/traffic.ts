import type { ContractName, Deployment } from '@openledger/protocol'
import * as abis from '@openledger/protocol/abi'
import { Interface, type InterfaceAbi, toQuantity } from 'ethers'

const SECONDS_A_BLOCK = 12
const CALLS_A_REQUEST = 200
const ETHER = toQuantity(10n ** 24n)
const GAS_PRICE = toQuantity(10n ** 12n)
/** More than any act here needs; a transaction may have 2^24. */
const GAS = toQuantity(8_000_000)

/** Sends transactions of anybody to the contracts of a deployment on anvil, many to a block. */
export class Traffic {
  readonly roles: Roles
  readonly #url: string
  readonly #deployment: Deployment
  readonly #interfaces = new Map<ContractName, Interface>()
  readonly #nonces = new Map<string, number>()
  readonly #waiting: { from: string; to: string; data: string; what: string }[] = []
  #seconds = 0

  private constructor(url: string, deployment: Deployment, roles: Roles) {
    this.#url = url
    this.#deployment = deployment
    this.roles = roles
  }

  static async start(url: string, deployment: Deployment, roles: Omit<Roles, 'governance'>): Promise<Traffic> {
    const governance = deployment.contracts.OpenTimelock.address
    const traffic = new Traffic(url, deployment, { ...roles, governance })
    await traffic.#ask([
      ['evm_setAutomine', [false]],
      ['anvil_autoImpersonateAccount', [true]],
    ])
    const [block] = await traffic.#ask([['eth_getBlockByNumber', ['latest', false]]])
    traffic.#seconds = Number((block as { timestamp: string }).timestamp)
    return traffic
  }

  get chainId(): number {
    return this.#deployment.chainId
  }

  addressOf(contract: ContractName): string {
    return this.#deployment.contracts[contract].address
  }

  async blockNumber(): Promise<number> {
    return Number((await this.#ask([['eth_blockNumber', []]]))[0])
  }

  /** Blocks with nothing in them. */
  async pass(blocks: number): Promise<void> {
    await this.#ask([['anvil_mine', [toQuantity(blocks), toQuantity(SECONDS_A_BLOCK)]]])
  }

  /** To be sent with the next block. */
  call(from: string, contract: ContractName, method: string, ...parameters: unknown[]): void {
    const data = this.#interfaceOf(contract).encodeFunctionData(method, parameters)
    this.#waiting.push({ from: from.toLowerCase(), to: this.addressOf(contract), data, what: `${contract}.${method}` })
  }

  /** What a view answers. */
  async ask(contract: ContractName, method: string, ...parameters: unknown[]): Promise<string> {
    const api = this.#interfaceOf(contract)
    const call = { to: this.addressOf(contract), data: api.encodeFunctionData(method, parameters) }
    return api.decodeFunctionResult(method, (await this.#ask([['eth_call', [call, 'latest']]]))[0] as string)[0]
  }

  /** One block with all that waits. @throws when one of its transactions failed */
  async mine(): Promise<void> {
    const calls = this.#waiting.splice(0)
    await this.#fund([...new Set(calls.map(({ from }) => from))].filter((from) => !this.#nonces.has(from)))
    const sent = calls.map(({ from, to, data }) => {
      const nonce = this.#nonces.get(from)!
      this.#nonces.set(from, nonce + 1)
      const transaction = { from, to, data, gas: GAS, gasPrice: GAS_PRICE, nonce: toQuantity(nonce) }
      return ['eth_sendTransaction', [transaction]] as const
    })
    await this.#ask(sent)
    this.#seconds += SECONDS_A_BLOCK
    await this.#ask([['evm_setNextBlockTimestamp', [this.#seconds]]])
    await this.#ask([['evm_mine', []]])
    const [receipts] = (await this.#ask([['eth_getBlockReceipts', ['latest']]])) as [Receipt[]]
    if (receipts.length !== calls.length)
      throw new Error(`A block took ${receipts.length} of ${calls.length} transactions.`)
    const failed = receipts.findIndex(({ status }) => status !== '0x1')
    if (failed >= 0) throw new Error(`${calls[failed]!.what} was refused in block ${receipts[failed]!.blockNumber}.`)
  }

  async #fund(accounts: string[]): Promise<void> {
    await this.#ask(accounts.map((account) => ['anvil_setBalance', [account, ETHER]]))
    const nonces = await this.#ask(accounts.map((account) => ['eth_getTransactionCount', [account, 'latest']]))
    for (const [i, account] of accounts.entries()) this.#nonces.set(account, Number(nonces[i]))
  }

  async #ask(calls: (readonly [string, readonly unknown[]])[]): Promise<unknown[]> {
    const answers: unknown[] = []
    for (let i = 0; i < calls.length; i += CALLS_A_REQUEST)
      answers.push(...(await this.#request(calls.slice(i, i + CALLS_A_REQUEST))))
    return answers
  }

  /** Several calls in one request, in order. */
  async #request(calls: (readonly [string, readonly unknown[]])[]): Promise<unknown[]> {
    const response = await fetch(this.#url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(calls.map(([method, params], i) => ({ jsonrpc: '2.0', id: i, method, params }))),
      signal: AbortSignal.timeout(120_000),
    })
    type Answer = { id: number; result?: unknown; error?: { message: string } }
    const answers = ((await response.json()) as Answer[]).sort((a, b) => a.id - b.id)
    for (const { id, error } of answers)
      if (error !== undefined) throw new Error(`${calls[id]![0]}: ${error.message.slice(0, 400)}`)
    return answers.map(({ result }) => result)
  }

  #interfaceOf(contract: ContractName): Interface {
    let api = this.#interfaces.get(contract)
    if (api === undefined) {
      api = new Interface(abis[`${contract}Abi`] as unknown as InterfaceAbi)
      this.#interfaces.set(contract, api)
    }
    return api
  }
}

type Receipt = { status: string; blockNumber: string }

/** Who holds an office of the deployment. */
export type Roles = { founder: string; proposer: string; attester: string; governance: string }
