import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import {
  type DeploymentResult,
  DeploymentResultType,
  type EIP1193Provider,
  deploy as igniteModule,
  listTransactions,
  type SuccessfulDeploymentResult,
  wipe,
} from '@nomicfoundation/ignition-core'
import { CONTRACT_NAMES, type ContractName, Deployment, OpenLedgerError } from '@openledger/protocol'
import { compiledArtifacts } from './compiled-artifacts.ts'
import { findLostTransaction, lostTransactionOf } from './lost-transaction.ts'
import { openLedger } from './OpenLedger.ts'
import { firstAccount, rpcProvider, signingProvider } from './rpc-provider.ts'

/** Ignition's codes for "a transaction of this sender has too few confirmations" and "is not mined". */
/** Who makes what no transaction of the deployer makes: both share a block. An entry point that was there is older than all. */
const MAKERS: Partial<Record<ContractName, ContractName>> = {
  OpenToken: 'Genesis',
  OpenTimelock: 'OpenGovernor',
  RewardDistributor: 'RootCourt',
}

const STILL_UNDER_WAY: readonly string[] = ['HHE10402', 'HHE10403']

/**
 * Deploys the contracts to a JSON-RPC network, or goes on where an earlier call with the same folder was cut off.
 * A call on a finished deployment sends nothing. The deployment file is written last, and whole or not at all.
 *
 * @throws chain.unreachable; deployment.no_sender if the node signs for nobody; deployment.other_chain if the folder is of a chain that is gone; deployment.changed if
 * contracts or parameters differ from those deployed; deployment.lost_transaction; deployment.waiting if an earlier transaction is still under way;
 * deployment.failed with Ignition's reasons
 */
export async function deploy(options: deploy.Options): Promise<Deployment> {
  const node = rpcProvider(options.rpcUrl)
  const { sender } = options
  const provider = sender.kind === 'key' ? signingProvider(node, sender.privateKey) : node
  const from = sender.kind === 'unlocked' ? sender.address : undefined
  return deployThrough(provider, from, options)
}

export declare namespace deploy {
  type Options = Terms & {
    rpcUrl: string
    /** Who pays for the deployment: a key held here, or an account that the node itself signs for. */
    sender: { kind: 'key'; privateKey: string } | { kind: 'unlocked'; address?: string }
  }
  type Terms = {
    /** Name of the network, for the deployment file. */
    network: string
    parameters: Parameters
    /** Ignition's journal; belongs to one chain. */
    deploymentDir: string
    /** Where to write the addresses; nowhere if left out. */
    deploymentFile?: string
    /** Blocks on top of a transaction before it counts; 5 unless told. */
    confirmations?: number
    /** How often to look for a new block; 1,000 unless told. */
    pollingMs?: number
  }
  /** Addresses as 0x and 40 digits, in any case. */
  type Parameters = {
    /** May pause new business and cancel what is pending; nothing else. */
    guardian: string
    /** Rules on challenges, appeals and disputes, besides governance. */
    council: string
    /** Earns the protocol's part. */
    treasury: string
    /** May publish features. */
    attester: string
    /** May propose rewards roots. */
    proposer: string
    /** Moves the price of gas in OPEN, within bounds. */
    keeper: string
    /** Gets what of OPEN is liquid at the start: 21.55 % of the supply. */
    holder: string
    /** Owns the wallet in which the investors' part vests. */
    investors: string
    /** Owns the wallet in which the team's part vests. */
    team: string
    /** Stake of a proposer and of a challenger; >= 1, below 2^96. */
    bondWei: bigint
    /** From a root's proposal to its opening; >= 1. */
    challengeWindowSeconds: number
    /** From announcing a withdrawal from the escrow to making it. */
    thawSeconds: number
    /** ERC-4337's entry point on this chain; one is deployed if left out. */
    entryPoint?: string
  }
}

/** The same through any EIP-1193 provider; `from` is the provider's first account unless told. */
export async function deployThrough(
  provider: EIP1193Provider,
  from: string | undefined,
  terms: deploy.Terms,
): Promise<Deployment> {
  const { deploymentDir, network } = terms
  const defaultSender = from ?? (await firstAccount(provider))
  await requireSameChain(provider, deploymentDir)
  await mkdir(deploymentDir, { recursive: true })

  const result = await ignite(provider, defaultSender, terms)
  if (result.type !== DeploymentResultType.SUCCESSFUL_DEPLOYMENT) throw failure(result, terms)

  const deployment = await describe(provider, deploymentDir, network, result.contracts)
  if (terms.deploymentFile !== undefined) await writeWhole(terms.deploymentFile, deployment)
  return deployment
}

/**
 * Runs Ignition, again for each thing that an earlier run left unfinished in the journal: a transaction whose hash was not
 * written down, a step that failed. Each is mended once, so the loop ends.
 */
async function ignite(provider: EIP1193Provider, from: string, terms: deploy.Terms): Promise<DeploymentResult> {
  const { deploymentDir, confirmations = 5, pollingMs = 1_000 } = terms
  const { entryPoint, ...parameters } = terms.parameters
  const ignitionModule = openLedger(entryPoint)
  const mended = new Set<string>()
  for (;;) {
    try {
      const result = await igniteModule({
        artifactResolver: compiledArtifacts,
        provider,
        deploymentDir,
        ignitionModule,
        deploymentParameters: { OpenLedger: parameters },
        accounts: [from],
        defaultSender: from,
        config: { requiredConfirmations: confirmations, blockPollingInterval: pollingMs, retryInterval: pollingMs },
      })
      if (result.type !== DeploymentResultType.PREVIOUS_RUN_ERROR) return result
      const failed = Object.keys(result.errors).filter((step) => !mended.has(step))
      if (failed.length === 0) return result
      for (const step of failed) {
        await wipe(deploymentDir, compiledArtifacts, step)
        mended.add(step)
      }
    } catch (cause) {
      const lost = lostTransactionOf(cause)
      if (lost === undefined || mended.has(lost.futureId)) throw explained(cause, terms)
      await findLostTransaction(provider, deploymentDir, lost, confirmations)
      mended.add(lost.futureId)
    }
  }
}

function explained(cause: unknown, terms: deploy.Terms): unknown {
  const { errorCode, message } = cause as { errorCode?: string; message?: string }
  if (errorCode === undefined || !STILL_UNDER_WAY.includes(errorCode)) return cause
  return new OpenLedgerError('deployment.waiting', 'An earlier transaction of the deployer is still under way.', {
    facts: { network: terms.network, reason: message ?? errorCode },
    nextStep: 'Wait for it to be mined, then deploy again: it goes on where it stopped.',
    retryable: true,
    cause,
  })
}

/** A journal outlives a development chain that was started anew; its addresses then hold no code. */
async function requireSameChain(provider: EIP1193Provider, deploymentDir: string): Promise<void> {
  const recorded = await readFile(join(deploymentDir, 'deployed_addresses.json'), 'utf8').catch(() => '{}')
  for (const [contract, address] of Object.entries(JSON.parse(recorded) as Record<string, string>)) {
    const code = await provider.request({ method: 'eth_getCode', params: [address, 'latest'] })
    if (code !== '0x') continue
    throw new OpenLedgerError('deployment.other_chain', 'This chain does not have what was deployed before.', {
      facts: { contract, address, folder: deploymentDir },
      nextStep: 'Restore the chain, or delete the folder to deploy anew.',
    })
  }
}

/** Blocks come from the receipts of the transactions that created each address. */
async function describe(
  provider: EIP1193Provider,
  deploymentDir: string,
  network: string,
  contracts: Record<string, { address: string }>,
): Promise<Deployment> {
  const blockOf = new Map<string, number>()
  for (const { txHash, address } of await listTransactions(deploymentDir, compiledArtifacts)) {
    if (address === undefined) continue
    const receipt = await provider.request({ method: 'eth_getTransactionReceipt', params: [txHash] })
    blockOf.set(address.toLowerCase(), Number(receipt.blockNumber))
  }
  const addressOf = (name: ContractName) => contracts[`OpenLedger#${name}`]!.address.toLowerCase()
  const startBlock = Math.min(...blockOf.values())
  const place = (name: ContractName) => {
    const block = blockOf.get(addressOf(MAKERS[name] ?? name))
    return { address: addressOf(name), block: block ?? startBlock }
  }
  return Deployment.parse({
    chainId: Number(await provider.request({ method: 'eth_chainId' })),
    network,
    startBlock,
    contracts: Object.fromEntries(CONTRACT_NAMES.map((name) => [name, place(name)])),
  })
}

function failure(result: Exclude<DeploymentResult, SuccessfulDeploymentResult>, terms: deploy.Terms): OpenLedgerError {
  const facts = { network: terms.network, folder: terms.deploymentDir, reasons: JSON.stringify(result) }
  if (result.type === DeploymentResultType.RECONCILIATION_ERROR) {
    return new OpenLedgerError('deployment.changed', 'The contracts or their parameters are not those deployed.', {
      facts,
      nextStep: 'Deploy to another folder, or go back to the code and parameters that were deployed.',
    })
  }
  return new OpenLedgerError('deployment.failed', 'The contracts could not be deployed.', {
    facts,
    nextStep: 'Mend what the reasons name, then deploy again: it goes on where it stopped.',
    retryable: result.type === DeploymentResultType.EXECUTION_ERROR,
  })
}

async function writeWhole(path: string, deployment: Deployment): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  const draft = `${path}.${process.pid}.draft`
  await writeFile(draft, `${JSON.stringify(deployment, null, 2)}\n`)
  await rename(draft, path)
}
