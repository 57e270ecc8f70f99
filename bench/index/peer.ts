import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { freePorts, type Supervisor, startDatabase } from '@openledger/cli/stack'
import type { Indexed } from './ours.ts'
import { queryGraph, until } from './until.ts'

const PEERS = join(import.meta.dirname, '../peers')
const PONDER = join(PEERS, 'node_modules/ponder/dist/esm/bin/ponder.js')
const SCHEMA = 'peer'

/**
 * Ponder with the app of `bench/peers/ponder` on an empty database of the same kind: the clock runs from just before its process
 * does until everything up to `head` can be queried. Its own cache of the chain's answers is empty, as graph-node's is.
 * @returns null where it is not installed
 */
export async function indexByPeer(
  supervisor: Supervisor,
  scratch: string,
  from: { chainUrl: string; deploymentFile: string; head: number; timeoutMs: number },
): Promise<Indexed | null> {
  if (!existsSync(PONDER)) return null
  const { databasePort, apiPort } = await freePorts()
  const database = await startDatabase(supervisor, join(scratch, 'peer'), databasePort, 'peer-postgres')
  const startedMs = performance.now()
  const ponder = await supervisor.run({
    name: 'ponder',
    command: process.execPath,
    parameters: [PONDER, 'start', '--port', String(apiPort), '--hostname', '127.0.0.1', '--schema', SCHEMA],
    environment: {
      PATH: process.env.PATH,
      HOME: scratch,
      PONDER_TELEMETRY_DISABLED: 'true',
      PEER_DATABASE_URL: database.url,
      PEER_RPC_URL: from.chainUrl,
      PEER_DEPLOYMENT: from.deploymentFile,
    },
    directory: join(PEERS, 'ponder'),
    stopSignal: 'SIGINT',
    graceMs: 5_000,
    endsWith: 1,
    channel: false,
  })
  const url = `http://127.0.0.1:${apiPort}/graphql`
  type Meta = { _meta: { status: Record<string, { block: { number: number } }> | null } }
  const indexed = until(`Ponder indexes block ${from.head}`, from.timeoutMs, async () => {
    const { _meta } = await queryGraph<Meta>(url, '{ _meta { status } }')
    return (_meta.status?.openledger?.block.number ?? 0) >= from.head || undefined
  })
  await supervisor.during(indexed)
  const seconds = (performance.now() - startedMs) / 1000
  await ponder.stop()
  return { seconds, databaseUrl: database.url, schema: SCHEMA }
}
