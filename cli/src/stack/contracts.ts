import { existsSync, mkdirSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { type Deployment, OpenLedgerError } from '@openledger/protocol'
import { readDeployment } from '@openledger/protocol/service'
import { roleWallet } from '../demo/accounts.ts'
import type { Settings } from '../settings.ts'
import { callRpc } from './json-rpc.ts'
import type { StateDirectory } from './state-directory.ts'
import { PROJECT } from './subgraph-build.ts'
import type { Supervisor } from './supervisor.ts'

/** What is fixed when the contracts are deployed. */
export type DeploymentTerms = Pick<Settings, 'bondOpen' | 'challengeWindow' | 'thawTime'>

/**
 * The contracts on this stack's chain: those that stand there, or new ones.
 * A deployment that was cut off is gone on with; it runs as a process of its own because Ignition is heavy to load.
 */
export async function ensureContracts(
  supervisor: Supervisor,
  state: StateDirectory,
  rpcUrl: string,
  settings: DeploymentTerms,
): Promise<Deployment> {
  if (existsSync(state.deploymentFile)) {
    const deployment = await readDeployment(state.deploymentFile)
    if (await isDeployed(deployment, rpcUrl)) return deployment
    await setAside(state)
  }
  await deploy(supervisor, state, rpcUrl, settings)
  return readDeployment(state.deploymentFile)
}

/** Whether the chain is the deployment's and has code at all its addresses. */
async function isDeployed(deployment: Deployment, rpcUrl: string): Promise<boolean> {
  const chainId = Number(await callRpc<string>(rpcUrl, 'eth_chainId'))
  const codes = await Promise.all(
    Object.values(deployment.contracts).map(({ address }) =>
      callRpc<string>(rpcUrl, 'eth_getCode', [address, 'latest']),
    ),
  )
  return chainId === deployment.chainId && codes.every((code) => code !== '0x')
}

/**
 * The chain is not the one that this state is about. What other parts kept about the old one would be wrong on the new one,
 * so it is moved away; content has no chain and stays.
 */
async function setAside(state: StateDirectory): Promise<void> {
  const aside = join(state.root, 'set-aside', new Date().toISOString().replaceAll(':', '-'))
  mkdirSync(aside, { recursive: true })
  for (const name of ['deployment.json', 'deployment', 'inference-node', 'attribution-engine', 'api']) {
    if (existsSync(join(state.root, name))) renameSync(join(state.root, name), join(aside, name))
  }
}

async function deploy(
  supervisor: Supervisor,
  state: StateDirectory,
  rpcUrl: string,
  settings: DeploymentTerms,
): Promise<void> {
  const founder = roleWallet('founder')
  const flags = {
    network: 'local',
    'rpc-url': rpcUrl,
    folder: state.deploymentJournal,
    out: state.deploymentFile,
    treasury: roleWallet('treasury').address,
    attester: roleWallet('engine').address,
    proposer: roleWallet('engine').address,
    holder: founder.address,
    bond: String(settings.bondOpen),
    window: String(settings.challengeWindow),
    thaw: String(settings.thawTime),
  }
  const script = join(PROJECT, 'contracts/ignition/main.ts')
  const parameters = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value])
  const { how, said } = await supervisor.complete({
    name: 'deploy',
    command: process.execPath,
    parameters: [script, ...parameters],
    environment: { ...process.env, OPENLEDGER_KEY: founder.privateKey },
    directory: PROJECT,
  })
  if (how === 'exit 0') return
  throw new OpenLedgerError('contracts.not_deployed', 'The contracts could not be deployed.', {
    facts: { how, said: said.trim().slice(0, 1_500) },
    nextStep: 'Do what the message says, then start again: the deployment goes on where it stopped.',
    retryable: true,
  })
}
