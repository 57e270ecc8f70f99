/** A real chain with the real contracts, for tests: anvil on a free port, ended with the test. */

import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { AutominedProvider } from '@openledger/protocol/testing'
import {
  Contract,
  ContractFactory,
  HDNodeWallet,
  type InterfaceAbi,
  type JsonRpcProvider,
  Mnemonic,
  NonceManager,
  ZeroAddress,
} from 'ethers'

const MNEMONIC = Mnemonic.fromPhrase('test test test test test test test test test test test junk')

export type LocalChain = {
  url: string
  provider: JsonRpcProvider
  /** One of anvil's funded accounts. */
  account(index: number): HDNodeWallet
  token: Contract
  registry: Contract
  escrow: Contract
  /** Gives the payer OPEN in the escrow. */
  deposit(payer: string, amountWei: bigint): Promise<void>
  close(): Promise<void>
}

/** Contracts are sent by account 0, who owns everything; settlements may be thawed after `thawTimeS`. */
export async function startLocalChain(thawTimeS = 3600): Promise<LocalChain> {
  const { port, stop } = await startAnvil()
  const url = `http://127.0.0.1:${port}`
  const provider = new AutominedProvider(url, undefined, { staticNetwork: true, pollingInterval: 50, cacheTimeout: -1 })
  const account = (index: number) => HDNodeWallet.fromMnemonic(MNEMONIC, `m/44'/60'/0'/0/${index}`).connect(provider)
  const deployer = account(0)
  const sender = new NonceManager(deployer)
  const deploy = async (name: string, ...values: unknown[]) => {
    const { abi, bytecode } = artefact(name)
    const contract = await new ContractFactory(abi, bytecode, sender).deploy(...values)
    await contract.waitForDeployment()
    return new Contract(await contract.getAddress(), abi, sender)
  }
  const token = await deploy('OpenToken', deployer.address)
  const behindProxy = async (name: string, values: unknown[], constants: unknown[] = []) => {
    const code = await deploy(name, ...constants)
    const setup = code.interface.encodeFunctionData('initialize', values)
    const proxy = await deploy('ERC1967Proxy', await code.getAddress(), setup)
    return new Contract(await proxy.getAddress(), artefact(name).abi, sender)
  }
  const owners = [deployer.address, deployer.address] // governance and guardian
  const registry = await behindProxy('LineageRegistry', [...owners, ZeroAddress])
  const [rewards, treasury] = [account(8).address, account(9).address]
  const agents = await behindProxy('AgentRegistry', owners)
  const parts = [await token.getAddress(), await agents.getAddress(), await registry.getAddress()]
  const staking = await behindProxy('AgentStaking', [...owners, ...parts, rewards, 86_400])
  const [openAddress, , registryAddress] = parts
  const payees = [await staking.getAddress(), rewards, treasury, thawTimeS]
  const escrow = await behindProxy('InferenceEscrow', owners, [openAddress, registryAddress, ...payees])
  await mined(token.getFunction('approve').send(await escrow.getAddress(), 2n ** 128n))
  return {
    url,
    provider,
    account,
    token,
    registry,
    escrow,
    deposit: (payer, amountWei) => mined(escrow.getFunction('deposit').send(payer, amountWei)),
    close: async () => {
      provider.destroy()
      await stop()
    },
  }
}

/** Waits until the transaction is in a block. */
export async function mined(sent: Promise<{ wait(): Promise<unknown> }>): Promise<void> {
  await (await sent).wait()
}

function artefact(name: string): { abi: InterfaceAbi; bytecode: string } {
  const file = join(import.meta.dirname, '../../../contracts/compiled', `${name}.json`)
  return JSON.parse(readFileSync(file, 'utf8'))
}

function startAnvil(): Promise<{ port: number; stop(): Promise<void> }> {
  const about = createRequire(import.meta.url).resolve('@foundry-rs/anvil/package.json')
  const command = join(dirname(about), 'bin.mjs')
  const anvil = spawn(process.execPath, [command, '--port', '0', '--accounts', '40'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = new Promise<void>((resolve) => anvil.once('exit', () => resolve()))
  const stop = () => {
    anvil.kill('SIGTERM')
    return ended
  }
  return new Promise((resolve, reject) => {
    let output = ''
    anvil.once('error', reject)
    void ended.then(() => reject(new Error(`anvil ended: ${output}`)))
    anvil.stdout.on('data', (chunk) => {
      output += chunk
      const port = /Listening on 127\.0\.0\.1:(\d+)/.exec(output)?.[1]
      if (port !== undefined) resolve({ port: Number(port), stop })
    })
  })
}
