import { dirname, join } from 'node:path'
import { OpenLedgerError } from '@openledger/protocol'
import { gndProgram } from './native-programs.ts'
import type { Ports } from './ports.ts'
import { NETWORK } from './subgraph-build.ts'
import type { RunningProcess, Supervisor } from './supervisor.ts'
import { until } from './until.ts'

const START_TIMEOUT_MS = 90_000

/** What graph-node needs wherever it runs our subgraph. */
export const GRAPH_NODE_ENVIRONMENT = {
  // Two versions of Postgres may part a text into other words. What is stored is the same.
  GRAPH_ALLOW_NON_DETERMINISTIC_FULLTEXT_SEARCH: 'true',
  // With backtraces on, every handler runs several times as slowly.
  RUST_BACKTRACE: '0',
  RUST_LIB_BACKTRACE: '0',
} as const

export type IndexNode = { process: RunningProcess; url: string }

/**
 * Starts graph-node on a built subgraph and waits until it has indexed up to `block`.
 * @param manifest of the built subgraph; its path names the deployment in the database
 * @throws index.halted when a handler failed
 */
export async function startIndexNode(
  supervisor: Supervisor,
  from: { manifest: string; databaseUrl: string; chainUrl: string; contentUrl: string; ports: Ports; block: number },
): Promise<IndexNode> {
  const { ports } = from
  const build = dirname(from.manifest)
  const source = join(dirname(build), 'subgraph.yaml') // it adds the `build/` itself
  const process = await supervisor.run({
    name: 'graph-node',
    command: gndProgram(),
    parameters: [
      ...['dev', '--manifests', source, '--ethereum-rpc', `${NETWORK}:${from.chainUrl}`, '--ipfs', from.contentUrl],
      ...['--http-port', String(ports.subgraphPort), '--admin-port', String(ports.indexAdminPort)],
      ...['--index-node-port', String(ports.indexStatusPort), '--metrics-port', String(ports.indexMetricsPort)],
    ],
    environment: {
      PATH: globalThis.process.env.PATH,
      // Not a flag: everybody can read flags.
      POSTGRES_URL: from.databaseUrl,
      ...GRAPH_NODE_ENVIRONMENT,
      GRAPH_LOG: 'warn',
      // Kilobytes of entities kept in memory. With the default of a tenth, half of all loads go to the database.
      GRAPH_ENTITY_CACHE_SIZE: '100000',
      // Seconds that a batch of writes may wait while the index catches up: larger ones need a third of the statements' time.
      // At the head every block is written at once, whatever this says.
      GRAPH_STORE_WRITE_BATCH_DURATION: '30',
      // Milliseconds between looks for a new block.
      ETHEREUM_POLLING_INTERVAL: '250',
    },
    directory: build,
    stopSignal: 'SIGINT', // it does not listen to SIGTERM
    graceMs: 10_000,
    endsWith: 1,
    channel: false,
  })
  const url = `http://127.0.0.1:${ports.subgraphPort}/subgraphs/name/subgraph-0`
  const indexed = until('The index', { timeoutMs: START_TIMEOUT_MS, signal: supervisor.ending }, async () => {
    const head = await readIndexHead(url)
    return head !== undefined && head.number >= from.block ? head : undefined
  })
  await supervisor.during(indexed)
  return { process, url }
}

/**
 * The newest block that a subgraph has indexed; undefined before the first.
 * @throws index.halted, or whatever keeps it from answering
 */
export async function readIndexHead(url: string): Promise<{ number: number; hash: string } | undefined> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: '{ _meta { block { number hash } hasIndexingErrors } }' }),
    signal: AbortSignal.timeout(10_000),
  })
  type Meta = { block: { number: number; hash: string }; hasIndexingErrors: boolean }
  const { data } = (await response.json()) as { data?: { _meta: Meta } }
  if (data === undefined) return undefined
  if (data._meta.hasIndexingErrors) {
    throw new OpenLedgerError('index.halted', 'The subgraph met an error and stopped.', {
      facts: { url, block: data._meta.block.number },
      nextStep: 'Read logs/graph-node.log in the state directory.',
    })
  }
  return data._meta.block
}
