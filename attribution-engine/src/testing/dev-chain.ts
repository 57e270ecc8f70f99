import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { CONTRACT_NAMES, type ContractName, Deployment } from '@openledger/protocol'
import { AutominedProvider } from '@openledger/protocol/testing'
import { Contract, ContractFactory, HDNodeWallet, type JsonRpcProvider, Wallet, ZeroAddress } from 'ethers'
import { type Contracts, connectContracts } from '../chain/contracts.ts'

/** For tests: a real chain of one's own with all contracts deployed; blocks come with transactions or when asked for. */
export class DevChain {
  readonly rpcUrl: string
  readonly provider: JsonRpcProvider
  readonly deployment: Deployment
  readonly wallets: DevChain.Wallets
  readonly #process: ChildProcess

  private constructor(
    child: ChildProcess,
    rpcUrl: string,
    provider: JsonRpcProvider,
    wallets: DevChain.Wallets,
    deployment: Deployment,
  ) {
    this.#process = child
    this.rpcUrl = rpcUrl
    this.provider = provider
    this.wallets = wallets
    this.deployment = deployment
  }

  static async start(): Promise<DevChain> {
    const port = await freePort()
    const anvil = createRequire(import.meta.url).resolve('@foundry-rs/anvil/package.json')
    // One slot an epoch: a block is final two blocks later. A flat base fee: unlike real gas, the tests do not depend on it.
    const flags = [
      '--port',
      String(port),
      '--host',
      '127.0.0.1',
      '--slots-in-an-epoch',
      '1',
      '--base-fee',
      '0',
      '--silent',
    ]
    const child = spawn(process.execPath, [join(dirname(anvil), 'bin.mjs'), ...flags], { stdio: 'ignore' })
    const rpcUrl = `http://127.0.0.1:${port}`
    const provider = new AutominedProvider(rpcUrl, undefined, {
      cacheTimeout: -1,
      batchMaxCount: 1,
      staticNetwork: true,
      polling: true,
      pollingInterval: 10,
    })
    await answering(rpcUrl)
    const wallets = connectWallets(provider)
    return new DevChain(child, rpcUrl, provider, wallets, await deploy(provider, wallets))
  }

  /** The contracts, called by one of the accounts. */
  as(name: keyof DevChain.Wallets): Contracts {
    return connectContracts(this.deployment, this.wallets[name])
  }

  async mine(blocks: number): Promise<void> {
    await this.provider.send('anvil_mine', [`0x${blocks.toString(16)}`])
  }

  async pass(seconds: number): Promise<void> {
    await this.provider.send('evm_increaseTime', [seconds])
    await this.mine(1)
  }

  /** Runs `work` and then takes the chain back to where it was before. */
  async undone<T>(work: () => Promise<T>): Promise<T> {
    const snapshot = await this.provider.send('evm_snapshot', [])
    try {
      return await work()
    } finally {
      await this.provider.send('evm_revert', [snapshot])
    }
  }

  async stop(): Promise<void> {
    this.provider.destroy()
    const ended = new Promise((resolve) => this.#process.once('exit', resolve))
    this.#process.kill()
    await ended
  }
}

export declare namespace DevChain {
  type Wallets = Record<(typeof ROLES)[number], Wallet>
}

const ROLES = ['governor', 'treasury', 'proposer', 'node', 'payer', 'owner', 'ada', 'bob', 'cleo', 'attester'] as const

export const BOND_WEI = 10n ** 18n
export const WINDOW_SECONDS = 60
/** What may reach the vault at once, and a day. */
export const DRIP_WEI = 10n ** 24n

function connectWallets(provider: JsonRpcProvider): DevChain.Wallets {
  const phrase = 'test test test test test test test test test test test junk' // anvil's own accounts
  const keys = ROLES.map((role, index) => {
    const path = `m/44'/60'/0'/0/${index}`
    return [role, new Wallet(HDNodeWallet.fromPhrase(phrase, undefined, path).privateKey, provider)]
  })
  return Object.fromEntries(keys)
}

async function deploy(provider: JsonRpcProvider, wallets: DevChain.Wallets): Promise<Deployment> {
  const { governor, treasury, proposer, payer, attester } = wallets
  const create = async (name: string, args: unknown[]) => {
    const { abi, bytecode } = artefact(name)
    const contract = await new ContractFactory(abi, bytecode, governor).deploy(...args)
    await contract.waitForDeployment()
    return String(await contract.getAddress())
  }
  const behindProxy = async (name: string, values: unknown[], constants: unknown[] = []) => {
    const setup = new Contract(await create(name, constants), artefact(name).abi, governor)
    const call = setup.interface.encodeFunctionData('initialize', values)
    return create('ERC1967Proxy', [await setup.getAddress(), call])
  }
  const owners = [governor.address, governor.address] // governance and guardian
  const OpenToken = await create('OpenToken', [payer.address])
  const LineageRegistry = await behindProxy('LineageRegistry', [...owners, attester.address])
  const courtTerms = [...owners, OpenToken, BOND_WEI, WINDOW_SECONDS, proposer.address]
  const RootCourt = await behindProxy('RootCourt', courtTerms)
  const RewardDistributor = await new Contract(RootCourt, artefact('RootCourt').abi, provider).distributor!()
  const RewardDrip = await behindProxy('RewardDrip', [...owners, DRIP_WEI, DRIP_WEI], [OpenToken, RewardDistributor])
  const AgentRegistry = await behindProxy('AgentRegistry', owners)
  const stakingTerms = [...owners, OpenToken, AgentRegistry, LineageRegistry, RewardDrip, 86_400]
  const AgentStaking = await behindProxy('AgentStaking', stakingTerms)
  const escrowParts = [OpenToken, LineageRegistry, AgentStaking, RewardDrip, treasury.address, 60]
  const InferenceEscrow = await behindProxy('InferenceEscrow', owners, escrowParts)
  const made: Partial<Record<ContractName, string>> = {
    ...{ OpenToken, LineageRegistry, RootCourt, RewardDistributor, RewardDrip },
    ...{ AgentRegistry, AgentStaking, InferenceEscrow },
  }
  // The engine calls no other; they are not deployed here.
  const at = (name: ContractName) => ({ address: (made[name] ?? ZeroAddress).toLowerCase(), block: 0 })
  return Deployment.parse({
    chainId: Number((await provider.getNetwork()).chainId),
    network: 'test',
    startBlock: 0,
    contracts: Object.fromEntries(CONTRACT_NAMES.map((name) => [name, at(name)])),
  })
}

function artefact(name: string): { abi: []; bytecode: string } {
  return JSON.parse(readFileSync(new URL(`../../../contracts/compiled/${name}.json`, import.meta.url), 'utf8'))
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address !== null ? address.port : 0
}

async function answering(rpcUrl: string): Promise<void> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_chainId', params: [] })
  for (let attempt = 0; attempt < 400; attempt++) {
    const isUp = await fetch(rpcUrl, { method: 'POST', headers: { 'content-type': 'application/json' }, body }).then(
      (response) => response.ok,
      () => false,
    )
    if (isUp) return
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
  throw new Error('anvil did not start')
}
