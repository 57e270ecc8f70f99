import { type Deployment, OpenLedgerError } from '@openledger/protocol'
import { contributorWallet, type Role, roles, roleWallet } from '../demo/accounts.ts'
import type { Settings } from '../settings.ts'
import { type Chain, startChain } from './chain.ts'
import { ensureContracts } from './contracts.ts'
import { buildDashboard } from './dashboard-build.ts'
import { type Database, emptyIndex, ensureDatabase, startDatabase } from './database.ts'
import { startIndexNode } from './index-node.ts'
import { callRpc } from './json-rpc.ts'
import { requirePrograms } from './native-programs.ts'
import { claimPorts, freePorts, type Ports } from './ports.ts'
import { isRunning, type ProcessIdentity } from './process-identity.ts'
import { indexMatches, isIndexed } from './recovery.ts'
import { CONTENT_STORE, MODEL_FACTORY, SERVICES, type Service, serviceEnvironment, startService } from './services.ts'
import { openStateDirectory, type StateDirectory, StateLock } from './state-directory.ts'
import { compileMappings, writeSubgraph } from './subgraph-build.ts'
import { Supervisor } from './supervisor.ts'

/** What is done at a start, in the order in which people see it. Some run at the same time. */
export const STEPS = [
  'state',
  'content',
  'chain',
  'contracts',
  'database',
  'subgraph',
  'dashboard',
  'index',
  'services',
] as const
export type Step = (typeof STEPS)[number]

export type StackOptions = {
  settings: Settings
  /** `free` takes ports that nobody uses, whatever the settings say: for a stack beside others. */
  ports?: 'settings' | 'free'
  /** Told to all services on top of what they are told anyway. */
  environment?: NodeJS.ProcessEnv
  /** Told as each step is done, with a word about it. */
  onStep?: (step: Step, detail: string) => void
  /** Ends the start: it then fails with stack.interrupted, and nothing is left running. */
  signal?: AbortSignal
}

export type Stack = {
  urls: {
    chain: string
    subgraph: string
    content: string
    inference: string
    engine: string
    factory: string
    api: string
  }
  ports: Ports
  deployment: Deployment
  state: StateDirectory
  /** Funded on this chain; their keys are known to everybody. */
  accounts: { role: Role | `contributor ${number}`; address: string; privateKey: string }[]
  processes: readonly { name: string; pid: number }[]
  /** Rejects when a process of the stack dies. */
  failure: Promise<never>
  /** Whether it is being ended: what else fails then is no news. */
  isEnding: boolean
  /** Ends all processes in order; the state stays. */
  stop(): Promise<void>
  /** Ends all processes at once; what was not saved is lost. */
  kill(): void
}

const CONTRIBUTOR_ACCOUNTS = 40
/** Longer than the guard gives the slowest group of processes. */
const GUARD_TIMEOUT_MS = 45_000
const LEFTOVER_TIMEOUT_MS = 5_000

/**
 * Brings up chain, contracts, content store, database, index and services on one state directory, or goes on with what is
 * there. On any failure everything that was started is ended again, and the state can be started from.
 * @throws state.locked, port.taken, install.incomplete, platform.unsupported, stack.process_ended and more; each says
 * what to do
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const { settings } = options
  requirePrograms()
  const state = openStateDirectory(settings.state)
  const { lock, leftBehind } = StateLock.take(state.lock)
  let supervisor: Supervisor | undefined
  const abort = () => supervisor?.fail(interrupted())
  try {
    await untilGone(leftBehind)
    const ports = options.ports === 'free' ? await freePorts() : await claimPorts(settings)
    supervisor = await Supervisor.start(state.logs, lock)
    const started = new Start(supervisor, state, ports, options)
    if (options.signal?.aborted) abort()
    options.signal?.addEventListener('abort', abort, { once: true })
    return await started.run(lock)
  } catch (error) {
    await supervisor?.end()
    lock.release()
    throw error
  } finally {
    options.signal?.removeEventListener('abort', abort)
  }
}

/** What the index waits for. */
type IndexParts = {
  content: Promise<string>
  chain: Promise<Chain>
  contracts: Promise<Deployment>
  database: Promise<Database>
  module: Promise<string>
}

/** One start of a stack. */
class Start {
  readonly #supervisor: Supervisor
  readonly #state: StateDirectory
  readonly #ports: Ports
  readonly #options: StackOptions

  constructor(supervisor: Supervisor, state: StateDirectory, ports: Ports, options: StackOptions) {
    this.#supervisor = supervisor
    this.#state = state
    this.#ports = ports
    this.#options = options
  }

  async run(lock: StateLock): Promise<Stack> {
    const supervisor = this.#supervisor
    const state = this.#state
    this.#done('state', state.root)
    // Each part starts as soon as what it reads is there: compiling and deploying take a processor each, the rest waits.
    const content = this.#content()
    const chain = this.#chain()
    const contracts = chain.then(({ url }) => this.#contracts(url))
    const database = this.#database()
    const index = this.#index({ content, chain, contracts, database, module: this.#mappings() })
    const dashboard = this.#dashboard()
    const factory = Promise.all([database, contracts]).then(([{ url }]) => this.#factory(url))
    const services = Promise.all([database, contracts, dashboard]).then(([{ url }, , page]) =>
      this.#services(url, page),
    )
    const parts = await this.#all([content, chain, contracts, index, services, factory] as const)
    const [contentUrl, { url: chainUrl, stop: stopChain }, deployment, subgraph, [inference, engine, api]] = parts
    return {
      urls: {
        ...{ chain: chainUrl, subgraph, content: contentUrl, inference: inference!, engine: engine! },
        ...{ factory: parts[5], api: api! },
      },
      ports: this.#ports,
      deployment,
      state,
      accounts: demoAccounts(),
      get processes() {
        return supervisor.processes
      },
      failure: supervisor.failure,
      get isEnding() {
        return supervisor.ending.aborted
      },
      async stop() {
        await supervisor.endUpTo(1)
        await stopChain()
        await supervisor.end()
        lock.release()
      },
      kill: () => supervisor.kill(),
    }
  }

  async #content(): Promise<string> {
    const environment = this.#environment(CONTENT_STORE)
    const { url } = await startService(this.#supervisor, CONTENT_STORE, environment)
    this.#done('content', url)
    return url
  }

  async #chain(): Promise<Chain> {
    const chain = await startChain(this.#supervisor, this.#state.chain, this.#ports.chainPort)
    this.#done('chain', chain.url)
    return chain
  }

  async #contracts(chainUrl: string): Promise<Deployment> {
    const deployment = await ensureContracts(this.#supervisor, this.#state, chainUrl, this.#options.settings)
    this.#done('contracts', `${Object.keys(deployment.contracts).length} contracts`)
    return deployment
  }

  async #index(parts: IndexParts): Promise<string> {
    const needed = [parts.content, parts.chain, parts.contracts, parts.database, parts.module] as const
    const [contentUrl, { url: chainUrl }, deployment, database, module] = await this.#all(needed)
    const manifest = writeSubgraph(module, this.#state.subgraph, deployment)
    const block = Number(await callRpc<string>(chainUrl, 'eth_blockNumber'))
    const { url: databaseUrl } = await this.#matchingDatabase(database, chainUrl, manifest)
    const from = { manifest, databaseUrl, chainUrl, contentUrl, block, ports: this.#ports }
    const { url } = await startIndexNode(this.#supervisor, from)
    this.#done('index', `${url} (graph-node listens on every interface)`)
    return url
  }

  async #database(): Promise<Database> {
    return startDatabase(this.#supervisor, this.#state.database, this.#ports.databasePort)
  }

  async #mappings(): Promise<string> {
    const module = await compileMappings(this.#supervisor)
    this.#done('subgraph', 'compiled')
    return module
  }

  /** An index of another history, or of another subgraph, is thrown away: it can be built again from chain and content. */
  async #matchingDatabase(database: Database, chainUrl: string, manifest: string): Promise<Database> {
    const isFresh = !(await isIndexed(database.url))
    if (isFresh || (await indexMatches(database.url, chainUrl, manifest))) {
      this.#done('database', isFresh ? 'empty' : 'goes on')
      return database
    }
    await emptyIndex(database.url)
    this.#done('database', 'emptied, because its index belonged to another chain or subgraph; it is built again')
    return database
  }

  async #factory(databaseUrl: string): Promise<string> {
    const own = await ensureDatabase(databaseUrl, 'model_factory')
    const { url } = await startService(this.#supervisor, MODEL_FACTORY, this.#environment(MODEL_FACTORY, own))
    return url
  }

  async #dashboard(): Promise<string> {
    const folder = await buildDashboard(this.#supervisor)
    this.#done('dashboard', 'built')
    return folder
  }

  async #services(databaseUrl: string, dashboard: string): Promise<string[]> {
    const started = SERVICES.map((service) =>
      startService(this.#supervisor, service, {
        OPENLEDGER_DASHBOARD: dashboard,
        ...this.#environment(service, databaseUrl),
      }),
    )
    const services = await this.#all(started)
    this.#done('services', services.map(({ url }) => url).join(' '))
    return services.map(({ url }) => url)
  }

  #environment(service: Service, databaseUrl?: string): NodeJS.ProcessEnv {
    return { ...serviceEnvironment(service, this.#state, this.#ports, databaseUrl), ...this.#options.environment }
  }

  /** All of them, or the first failure; then no longer than until a process dies. */
  async #all<T extends readonly Promise<unknown>[]>(tasks: T): Promise<{ -readonly [I in keyof T]: Awaited<T[I]> }> {
    return this.#supervisor.during(Promise.all(tasks))
  }

  #done(step: Step, detail: string): void {
    this.#options.onStep?.(step, detail)
  }
}

/**
 * Waits for the processes of a supervisor that was killed. Its guard, the first of them, is about to end them; where the
 * guard was killed as well, we do what it would have done. All of them end well on SIGINT.
 */
async function untilGone([guard, ...others]: readonly ProcessIdentity[]): Promise<void> {
  if (guard === undefined) return
  await gone([guard], GUARD_TIMEOUT_MS)
  for (const { pid } of others.filter(isRunning)) process.kill(pid, 'SIGINT')
  await gone(others, LEFTOVER_TIMEOUT_MS)
  for (const { pid } of [guard, ...others].filter(isRunning)) process.kill(pid, 'SIGKILL')
  await gone([guard, ...others], LEFTOVER_TIMEOUT_MS)
}

async function gone(processes: readonly ProcessIdentity[], atMostMs: number): Promise<void> {
  const deadline = Date.now() + atMostMs
  while (processes.some(isRunning) && Date.now() < deadline) await new Promise((done) => setTimeout(done, 50))
}

function demoAccounts(): Stack['accounts'] {
  const named = roles().map((role) => ({ role, wallet: roleWallet(role) }))
  const contributors = Array.from({ length: CONTRIBUTOR_ACCOUNTS }, (_, i) => ({
    role: `contributor ${i}` as const,
    wallet: contributorWallet(i),
  }))
  return [...named, ...contributors].map(({ role, wallet }) => ({
    role,
    address: wallet.address,
    privateKey: wallet.privateKey,
  }))
}

function interrupted(): OpenLedgerError {
  return new OpenLedgerError('stack.interrupted', 'The start was interrupted.', {
    nextStep: 'Start again: it goes on with what is there.',
    retryable: true,
  })
}
