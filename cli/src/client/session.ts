import { OpenLedgerError } from '@openledger/protocol'
import { readDeployment } from '@openledger/protocol/service'
import { type Network, OpenLedger, readNetwork } from '@openledger/sdk'
import type { Command } from 'commander'
import { JsonRpcProvider } from 'ethers'
import { readSettings, type Settings } from '../settings.ts'
import { holderOf, statePaths } from '../stack/state-directory.ts'
import { openWallet, type SignerFlags } from './wallet.ts'

/** New blocks of a local chain come when somebody sends something: there is nothing to wait for in between. */
const POLLING_MS = 250

export type SessionFlags = { apiUrl?: string; json?: boolean }
export type SendingFlags = SessionFlags & SignerFlags & { dryRun?: boolean }

/** Gives a command the flags of those that read a network. */
export function readsNetwork(command: Command): Command {
  return command
    .option('--api-url <url>', 'api of the network (OPENLEDGER_API_URL, the stack on this machine)')
    .option('--json', 'print one JSON object on stdout')
}

/** Gives a command the flags of those that sign. */
export function signs(command: Command): Command {
  return readsNetwork(command)
    .option('--account <name>', 'a demo account of the local chain: alice, bob, trainer, founder, contributor-0, …')
    .option('--keystore <file>', 'encrypted key file (password asked for, or OPENLEDGER_KEYSTORE_PASSWORD)')
    .option('--no-input', 'never ask for anything: fail instead')
}

/** Gives a command the flags of those that send transactions. */
export function sends(command: Command): Command {
  return signs(command).option('--dry-run', 'print calldata and cost, and send nothing')
}

/** The network that reading commands work on; to be closed. */
export async function openReader(flags: SessionFlags): Promise<OpenLedger> {
  const network = await findNetwork(flags)
  return new OpenLedger(network, { provider: providerOf(network) })
}

/** The same with a signer. */
export async function openSigner(flags: SessionFlags & SignerFlags): Promise<OpenLedger> {
  const network = await findNetwork(flags)
  const provider = providerOf(network)
  const wallet = await openWallet(flags, network.chainId)
  return new OpenLedger(network, { provider, signer: wallet.connect(provider) })
}

function providerOf({ urls, chainId }: Network): JsonRpcProvider {
  const options = { staticNetwork: true, cacheTimeout: -1, pollingInterval: POLLING_MS }
  return new JsonRpcProvider(urls.rpc, chainId, options)
}

/** @throws stack.not_running when no network is named and none runs here */
async function findNetwork({ apiUrl = process.env.OPENLEDGER_API_URL }: SessionFlags): Promise<Network> {
  const content = process.env.OPENLEDGER_CONTENT_URL
  if (apiUrl !== undefined && apiUrl !== '') return readNetwork(apiUrl, content ? { content } : {})
  return localNetwork(requireStack(await readSettings()))
}

/** @throws stack.not_running */
export function requireStack(settings: Settings): Settings {
  if (holderOf(statePaths(settings.state).lock) !== undefined) return settings
  throw new OpenLedgerError('stack.not_running', 'No stack runs on this state.', {
    facts: { state: settings.state },
    nextStep: 'Run `npm start`.',
  })
}

async function localNetwork(settings: Settings): Promise<Network> {
  const { chainId, contracts, startBlock } = await readDeployment(statePaths(settings.state).deploymentFile)
  const local = (port: number) => `http://127.0.0.1:${port}`
  return {
    chainId,
    contracts: contracts as Network['contracts'],
    startBlock,
    urls: {
      api: local(settings.apiPort),
      rpc: local(settings.chainPort),
      inference: local(settings.inferencePort),
      content: local(settings.contentPort),
    },
  }
}
