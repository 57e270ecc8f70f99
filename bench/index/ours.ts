import { join } from 'node:path'
import {
  compileMappings,
  freePorts,
  query,
  type Supervisor,
  startDatabase,
  startIndexNode,
  writeSubgraph,
} from '@openledger/cli/stack'
import { DiskContentStore, startContentServer } from '@openledger/content-store'
import type { Chain } from './chain.ts'
import { queryGraph, until } from './until.ts'

/** A database of an index that is complete, and how long it took. */
export type Indexed = { seconds: number; databaseUrl: string; schema: string }

/** graph-node with our subgraph on a database of its own, both as the embedded stack runs them. Manifests are in no store. */
export class Ours {
  readonly databaseUrl: string
  readonly #url: string
  readonly #startedMs: number
  readonly #pid: number
  readonly #closeContent: () => Promise<void>

  private constructor(places: {
    databaseUrl: string
    url: string
    startedMs: number
    pid: number
    close: () => Promise<void>
  }) {
    this.databaseUrl = places.databaseUrl
    this.#url = places.url
    this.#startedMs = places.startedMs
    this.#pid = places.pid
    this.#closeContent = places.close
  }

  /** The clock runs from just before graph-node's process does: its database is empty, the subgraph is compiled. */
  static async start(supervisor: Supervisor, scratch: string, chain: Chain): Promise<Ours> {
    const ports = await freePorts()
    const [database, module, content] = await Promise.all([
      startDatabase(supervisor, join(scratch, 'database'), ports.databasePort),
      compileMappings(supervisor),
      startContentServer(new DiskContentStore(join(scratch, 'content')), { port: ports.contentPort }),
    ])
    const manifest = writeSubgraph(module, join(scratch, 'subgraph'), chain.deployment)
    const databaseUrl = database.url
    const startedMs = performance.now()
    const places = { manifest, databaseUrl, ports, chainUrl: chain.url, contentUrl: content.url, block: 0 }
    const { process, url } = await startIndexNode(supervisor, places)
    return new Ours({ databaseUrl, url, startedMs, pid: process.pid, close: () => content.close() })
  }

  /** Waits until everything up to `block` can be queried. @throws when the subgraph halts, or not in time */
  async indexed(block: number, timeoutMs: number): Promise<Indexed> {
    type Meta = { _meta: { block: { number: number }; hasIndexingErrors: boolean } }
    await until(`graph-node indexes block ${block}`, timeoutMs, async () => {
      const { _meta } = await queryGraph<Meta>(this.#url, '{ _meta { block { number } hasIndexingErrors } }')
      if (_meta.hasIndexingErrors) throw new Error('The subgraph halted.')
      return _meta.block.number >= block || undefined
    })
    const seconds = (performance.now() - this.#startedMs) / 1000
    const [deployment] = await query<{ name: string }>(this.databaseUrl, 'SELECT name FROM public.deployment_schemas')
    return { seconds, databaseUrl: this.databaseUrl, schema: deployment!.name }
  }

  get url(): string {
    return this.#url
  }

  /** It takes no processor's time until it is woken: it would go on asking for manifests while the peer is measured. */
  sleep(): void {
    process.kill(this.#pid, 'SIGSTOP')
  }

  wake(): void {
    process.kill(this.#pid, 'SIGCONT')
  }

  close(): Promise<void> {
    return this.#closeContent()
  }
}
