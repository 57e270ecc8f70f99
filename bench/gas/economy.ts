import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { Interface, type InterfaceAbi, toQuantity } from 'ethers'
import hre from 'hardhat'
import { deployThrough } from '../../contracts/ignition/deploy.ts'

const compiled = resolve(import.meta.dirname, '../../contracts/compiled')
const SECONDS_2026 = 1_767_225_600

/**
 * The whole economy on a chain in this process, from the committed artefacts and wired by the real deployment, so that every
 * figure is what a user pays: proxies included. Everything that reaches a transaction is fixed, so figures do not vary.
 */
export class Economy {
  /** Whoever asks for an account's role gets the account: they are the chain's own, rich in ether. */
  readonly accounts: Accounts
  readonly #provider: Provider
  readonly #addresses: ReadonlyMap<string, string>
  readonly #interfaces = new Map<string, Interface>()
  #seconds: number

  private constructor(provider: Provider, accounts: Accounts, addresses: ReadonlyMap<string, string>, seconds: number) {
    this.#provider = provider
    this.accounts = accounts
    this.#addresses = addresses
    this.#seconds = seconds
  }

  static async start(): Promise<Economy> {
    const { provider } = await hre.network.create({ override: { initialDate: new Date(SECONDS_2026 * 1000) } })
    const all = (await provider.request({ method: 'eth_accounts' })) as string[]
    const [holder, governor, treasury, attester, proposer, node, owner, payer, stranger] = all as Nine
    const accounts = { holder, governor, treasury, attester, proposer, node, owner, payer, stranger }
    const folder = await mkdtemp(join(tmpdir(), 'openledger-gas-'))
    try {
      const deployment = await deployThrough(provider as never, holder, {
        network: 'gas',
        deploymentDir: folder,
        confirmations: 1,
        pollingMs: 10,
        parameters: {
          governor,
          treasury,
          attester,
          proposer,
          supplyHolder: holder,
          bondWei: 10n ** 21n,
          challengeWindowSeconds: 86_400,
          thawSeconds: 86_400,
        },
      })
      const places = Object.entries(deployment.contracts).map(([name, { address }]) => [name, address] as const)
      return new Economy(provider as Provider, accounts, new Map(places), SECONDS_2026 + 86_400)
    } finally {
      await rm(folder, { recursive: true })
    }
  }

  /** Runs on the state of now, which it leaves as it was. */
  async apart<T>(work: () => Promise<T>): Promise<T> {
    const [snapshot, seconds] = [await this.#ask('evm_snapshot', []), this.#seconds]
    try {
      return await work()
    } finally {
      await this.#ask('evm_revert', [snapshot])
      this.#seconds = seconds
    }
  }

  addressOf(contract: string): string {
    const address = this.#addresses.get(contract)
    if (address === undefined) throw new Error(`${contract} is not deployed`)
    return address
  }

  /** @return the gas of the whole transaction: its base, its data, what ran */
  async send(from: string, contract: string, method: string, ...values: readonly unknown[]): Promise<number> {
    const data = (await this.interfaceOf(contract)).encodeFunctionData(method, values)
    this.#seconds += 12
    await this.#ask('evm_setNextBlockTimestamp', [this.#seconds])
    // An upper limit by hand: estimating would run the transaction a second time, and it does not change what is used.
    const call = { from, to: this.addressOf(contract), data, gas: toQuantity(16_000_000) }
    const hash = await this.#ask('eth_sendTransaction', [call])
    const receipt = (await this.#ask('eth_getTransactionReceipt', [hash])) as { status: string; gasUsed: string }
    if (receipt.status !== '0x1') throw new Error(`${contract}.${method} was refused`)
    return Number(receipt.gasUsed)
  }

  /** What a view answers, or what a transaction would. */
  async ask(from: string, contract: string, method: string, ...values: readonly unknown[]): Promise<unknown> {
    const api = await this.interfaceOf(contract)
    const call = { from, to: this.addressOf(contract), data: api.encodeFunctionData(method, values) }
    return api.decodeFunctionResult(method, (await this.#ask('eth_call', [call, 'latest'])) as string)[0]
  }

  async wait(seconds: number): Promise<void> {
    this.#seconds += seconds
    await this.#ask('evm_setNextBlockTimestamp', [this.#seconds])
    await this.#ask('evm_mine', [])
  }

  async blockNumber(): Promise<number> {
    return Number(await this.#ask('eth_blockNumber', []))
  }

  async chainId(): Promise<number> {
    return Number(await this.#ask('eth_chainId', []))
  }

  async interfaceOf(contract: string): Promise<Interface> {
    let api = this.#interfaces.get(contract)
    if (api === undefined) {
      const artefact = JSON.parse(await readFile(join(compiled, `${contract}.json`), 'utf8')) as { abi: InterfaceAbi }
      api = new Interface(artefact.abi)
      this.#interfaces.set(contract, api)
    }
    return api
  }

  #ask(method: string, params: unknown[]): Promise<unknown> {
    return this.#provider.request({ method, params })
  }
}

type Provider = { request(call: { method: string; params?: unknown[] }): Promise<unknown> }
type Nine = [string, string, string, string, string, string, string, string, string]
type Accounts = Record<
  'holder' | 'governor' | 'treasury' | 'attester' | 'proposer' | 'node' | 'owner' | 'payer' | 'stranger',
  string
>
