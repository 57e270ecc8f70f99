import { join } from 'node:path'
import {
  compileMappings,
  freePorts,
  query,
  type RunningProcess,
  type Supervisor,
  startDatabase,
  startIndexNode,
  writeSubgraph,
} from '@openledger/cli/stack'
import { DiskContentStore, startContentServer } from '@openledger/content-store'
import type { Deployment } from '@openledger/protocol'
import { queryGraph, until } from './until.ts'

/** A database of an index that is complete, and how long it took. */
export type Indexed = { seconds: number; databaseUrl: string; schema: string }

/** graph-node with our subgraph on an empty database, as the embedded stack runs it. */
export type Ours = { url: string; databaseUrl: string; startedMs: number; process: RunningProcess; close(): Promise<void> }

/** Starts graph-node; the clock runs from just before its process does. */
export async function startOurs(
  supervisor: Supervisor,
  scratch: string,
  chainUrl: string,
  deployment: Deployment,
): Promise<Ours> {
  const ports = await freePorts()
  const [database, module, content] = await Promise.all([
    startDatabase(supervisor, join(scratch, 'database'), ports.databasePort),
    compileMappings(supervisor),
    startContentServer(new DiskContentStore(join(scratch, 'content')), { port: ports.contentPort }),
  ])
  const manifest = writeSubgraph(module, join(scratch, 'subgraph'), deployment)
  const places = { manifest, databaseUrl: database.url, chainUrl, contentUrl: content.url }
  const startedMs = performance.now()
  const { url, process } = await startIndexNode(supervisor, { ...places, ports, block: 0 })
  return { url, databaseUrl: database.url, startedMs, process, close: () => content.close() }
}

/** Waits until everything up to `head` can be queried, and ends graph-node; its database stays. */
export async function untilIndexed(ours: Ours, head: number, timeoutMs: number): Promise<Indexed> {
  type Meta = { _meta: { block: { number: number }; hasIndexingErrors: boolean } }
  await until(`graph-node indexes block ${head}`, timeoutMs, async () => {
    const { _meta } = await queryGraph<Meta>(ours.url, '{ _meta { block { number } hasIndexingErrors } }')
    if (_meta.hasIndexingErrors) throw new Error('The subgraph halted.')
    return _meta.block.number >= head || undefined
  })
  const seconds = (performance.now() - ours.startedMs) / 1000
  await ours.process.stop()
  await ours.close()
  const [deployment] = await query<{ name: string }>(ours.databaseUrl, 'SELECT name FROM public.deployment_schemas')
  return { seconds, databaseUrl: ours.databaseUrl, schema: deployment!.name }
}
