import { Interface, type InterfaceAbi, toQuantity } from 'ethers'
import hre from 'hardhat'

const SECONDS_2026 = 1_767_225_600

/**
 * The economy on a chain in this process, as the build makes it, proxies included, so that every figure is what a user pays.
 * Everything that reaches a transaction is fixed, so figures do not vary.
 */
export class Economy {
  /** Whoever asks for an account's role gets the account: they are the chain's own, rich in ether. */
  readonly accounts: Accounts
  readonly #provider: Provider
  readonly #addresses = new Map<string, string>()
  readonly #interfaces = new Map<string, Interface>()
  #seconds = SECONDS_2026 + 86_400

  private constructor(provider: Provider, accounts: Accounts) {
    this.#provider = provider
    this.accounts = accounts
  }

  static async start(): Promise<Economy> {
    await hre.tasks.getTask('build').run({ quiet: true, noTests: true })
    const { provider } = await hre.network.create({ override: { initialDate: new Date(SECONDS_2026 * 1000) } })
    const all = (await provider.request({ method: 'eth_accounts' })) as string[]
    const [holder, governor, treasury, attester, proposer, node, owner, payer, stranger] = all as Nine
    const accounts = { holder, governor, treasury, attester, proposer, node, owner, payer, stranger }
    const economy = new Economy(provider as Provider, accounts)
    await economy.#wire()
    return economy
  }

  /** As the deployment wires it: each contract needs only those above it. */
  async #wire(): Promise<void> {
    const { holder, governor, treasury, attester, proposer } = this.accounts
    const token = await this.deploy('OpenToken', [holder])
    const registry = await this.deployProxy('LineageRegistry', [], [governor, governor, attester])
    await this.deployProxy('RootCourt', [], [governor, governor, token, 10n ** 21n, 86_400, proposer])
    const vault = (await this.ask(holder, 'RootCourt', 'distributor')) as string
    this.#addresses.set('RewardDistributor', vault)
    const agents = await this.deployProxy('AgentRegistry', [], [governor, governor])
    const stakingTerms = [governor, governor, token, agents, registry, vault, 86_400]
    const staking = await this.deployProxy('AgentStaking', [], stakingTerms)
    await this.deployProxy('InferenceEscrow', [token, registry, staking, vault, treasury, 86_400], [governor, governor])
  }

  /** @return its address, by which `send` and `ask` know it from now on */
  async deploy(contract: string, values: readonly unknown[], name = contract): Promise<string> {
    return this.deployArtefact(name, (await hre.artifacts.readArtifact(contract)) as Artefact, values)
  }

  /** The same for what the build did not make. */
  async deployArtefact(name: string, { abi, bytecode }: Artefact, values: readonly unknown[]): Promise<string> {
    const api = new Interface(abi)
    // A proxy goes by the name of what is behind it, and is called as that.
    if (!this.#interfaces.has(name) && name !== 'ERC1967Proxy') this.#interfaces.set(name, api)
    const data = `0x${bytecode.replace(/^0x/, '')}${api.encodeDeploy(values).slice(2)}`
    const { contractAddress } = await this.#mine({ from: this.accounts.holder, data }, `The creation of ${name}`)
    this.#addresses.set(name, contractAddress!)
    return contractAddress!
  }

  /** The contract behind a proxy, initialised in the transaction that creates the proxy. */
  async deployProxy(contract: string, values: readonly unknown[], terms: readonly unknown[]): Promise<string> {
    const code = await this.deploy(contract, values)
    const setup = (await this.interfaceOf(contract)).encodeFunctionData('initialize', terms)
    return this.deploy('ERC1967Proxy', [code, setup], contract)
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
    const { gasUsed } = await this.#mine({ from, to: this.addressOf(contract), data }, `${contract}.${method}`)
    return Number(gasUsed)
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
      api = new Interface((await hre.artifacts.readArtifact(contract)).abi as InterfaceAbi)
      this.#interfaces.set(contract, api)
    }
    return api
  }

  async #mine(call: { from: string; to?: string; data: string }, what: string): Promise<Receipt> {
    this.#seconds += 12
    await this.#ask('evm_setNextBlockTimestamp', [this.#seconds])
    // An upper limit by hand: estimating would run the transaction a second time, and it does not change what is used.
    const hash = await this.#ask('eth_sendTransaction', [{ ...call, gas: toQuantity(16_000_000) }])
    const receipt = (await this.#ask('eth_getTransactionReceipt', [hash])) as Receipt
    if (receipt.status !== '0x1') throw new Error(`${what} was refused`)
    return receipt
  }

  #ask(method: string, params: unknown[]): Promise<unknown> {
    return this.#provider.request({ method, params })
  }
}

/** A contract's interface and code. */
export type Artefact = { abi: InterfaceAbi; bytecode: string }

type Provider = { request(call: { method: string; params?: unknown[] }): Promise<unknown> }
type Receipt = { status: string; gasUsed: string; contractAddress: string | null }
type Nine = [string, string, string, string, string, string, string, string, string]
type Accounts = Record<
  'holder' | 'governor' | 'treasury' | 'attester' | 'proposer' | 'node' | 'owner' | 'payer' | 'stranger',
  string
>
