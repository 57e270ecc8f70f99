import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { OpenLedgerError } from '@openledger/protocol'
import { type Role, roleWallet } from '../demo/accounts.ts'
import type { PortName } from '../settings.ts'
import type { Ports } from './ports.ts'
import type { StateDirectory } from './state-directory.ts'
import { PROJECT } from './subgraph-build.ts'
import type { RunningProcess, Supervisor } from './supervisor.ts'

const START_TIMEOUT_MS = 60_000

/** One of our own processes. It says over IPC when it serves. */
export type Service = {
  name: string
  entry: string
  port: PortName
  /** Whose key signs for it, where it signs. */
  key?: Role
  /** Its group at the end; 0 unless others need it until then. */
  endsWith?: number
  /** Whether it reads graph-node's database. */
  readsIndex?: true
  /** Whether it keeps runs in a database of its own, and so waits for Postgres to be what it stays. */
  hasDatabase?: true
  /** Folder of the state directory that is its own, where it does not choose one itself. */
  folder?: string
}

export const CONTENT_STORE: Service = {
  name: 'content-store',
  entry: 'packages/content-store/src/main.ts',
  port: 'contentPort',
  endsWith: 2, // all others read and write through it
}

/** What starts once chain and index stand. None waits for another: each asks the others only when it is asked. */
export const SERVICES: readonly Service[] = [
  { name: 'inference-node', entry: 'inference-node/src/main.ts', port: 'inferencePort', key: 'node' },
  {
    name: 'attribution-engine',
    entry: 'attribution-engine/src/main.ts',
    port: 'enginePort',
    key: 'engine',
    readsIndex: true,
    folder: 'attribution-engine',
  },
  { name: 'api', entry: 'api/src/main.ts', port: 'apiPort' },
]

export const MODEL_FACTORY: Service = {
  name: 'model-factory',
  entry: 'model-factory/src/main.ts',
  port: 'factoryPort',
  key: 'factory',
  hasDatabase: true,
  folder: 'model-factory',
}

/** What the factory stakes for itself, in OPEN: enough for evaluations to be taken from it. */
const FACTORY_STAKE_OPEN = '1000'

/** What every service is told, by the names of `.env.example`. */
export function serviceEnvironment(
  service: Service,
  state: StateDirectory,
  ports: Ports,
  databaseUrl?: string,
): NodeJS.ProcessEnv {
  const at = (port: number, path = '') => `http://127.0.0.1:${port}${path}`
  return {
    ...process.env,
    OPENLEDGER_STATE: join(state.root, service.folder ?? '.'),
    OPENLEDGER_DEPLOYMENT: state.deploymentFile,
    OPENLEDGER_RPC_URL: at(ports.chainPort),
    OPENLEDGER_SUBGRAPH_URL: at(ports.subgraphPort, '/subgraphs/name/subgraph-0'),
    OPENLEDGER_CONTENT_URL: at(ports.contentPort),
    OPENLEDGER_ENGINE_URL: at(ports.enginePort),
    OPENLEDGER_INFERENCE_URL: at(ports.inferencePort),
    OPENLEDGER_FACTORY_URL: at(ports.factoryPort),
    OPENLEDGER_PORT: String(ports[service.port]),
    ...(service.hasDatabase && databaseUrl !== undefined
      ? { OPENLEDGER_FACTORY_DATABASE_URL: databaseUrl, OPENLEDGER_FACTORY_STAKE_OPEN: FACTORY_STAKE_OPEN }
      : {}),
    ...(service.readsIndex && databaseUrl !== undefined ? { OPENLEDGER_INDEX_DATABASE_URL: databaseUrl } : {}),
    ...(service.key === undefined ? {} : { OPENLEDGER_KEY: roleWallet(service.key).privateKey }),
  }
}

/**
 * Starts a service and waits until it serves.
 * @throws the service's own error when it cannot
 */
export async function startService(
  supervisor: Supervisor,
  service: Service,
  environment: NodeJS.ProcessEnv,
): Promise<{ process: RunningProcess; url: string }> {
  const entry = join(PROJECT, service.entry)
  if (!existsSync(entry)) {
    throw new OpenLedgerError('install.incomplete', 'A part of the platform is missing.', {
      facts: { service: service.name, file: service.entry },
      nextStep: 'Get the whole repository again: `git checkout -- .`',
    })
  }
  mkdirSync(environment.OPENLEDGER_STATE!, { recursive: true })
  const process = await supervisor.run({
    name: service.name,
    command: globalThis.process.execPath,
    parameters: [entry],
    environment,
    directory: PROJECT,
    stopSignal: 'SIGTERM',
    graceMs: 10_000,
    endsWith: service.endsWith ?? 0,
    channel: true,
  })
  const url = new Promise<string>((resolve, reject) => {
    process.onMessage((message) => {
      const said = message as { kind?: string; url?: string }
      if (said.kind === 'ready') resolve(String(said.url))
    })
    setTimeout(() => reject(notReady(service)), START_TIMEOUT_MS).unref()
  })
  return { process, url: await supervisor.during(url) }
}

function notReady(service: Service): OpenLedgerError {
  return new OpenLedgerError('stack.not_ready', `The process "${service.name}" does not say that it serves.`, {
    facts: { process: service.name, waitedMs: START_TIMEOUT_MS },
    nextStep: `Read logs/${service.name}.log in the state directory.`,
    retryable: true,
  })
}
