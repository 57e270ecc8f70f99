import { join } from 'node:path'
import {
  compileMappings,
  freePorts,
  type Ports,
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

/** Runs `work` while graph-node runs. */
type During = <T>(work: (url: string, startedMs: number) => Promise<T>) => Promise<T>

/** graph-node with our subgraph on a database of its own, both as the embedded stack runs them. Manifests are in no store. */
export class Ours {
  readonly #supervisor: Supervisor
  readonly #ports: Ports
  readonly databaseUrl: string
  readonly #manifest: string
  readonly #contentUrl: string
  readonly #chain: Chain
  readonly close: () => Promise<void>

  private constructor(
    supervisor: Supervisor,
    chain: Chain,
    places: { ports: Ports; databaseUrl: string; manifest: string; contentUrl: string; close: () => Promise<void> },
  ) {
    this.#supervisor = supervisor
    this.#chain = chain
    this.#ports = places.ports
    this.databaseUrl = places.databaseUrl
    this.#manifest = places.manifest
    this.#contentUrl = places.contentUrl
    this.close = places.close
  }

  /** An empty database and a compiled subgraph; graph-node does not run yet. */
  static async prepare(supervisor: Supervisor, scratch: string, chain: Chain): Promise<Ours> {
    const ports = await freePorts()
    const [database, module, content] = await Promise.all([
      startDatabase(supervisor, join(scratch, 'database'), ports.databasePort),
      compileMappings(supervisor),
      startContentServer(new DiskContentStore(join(scratch, 'content')), { port: ports.contentPort }),
    ])
    const manifest = writeSubgraph(module, join(scratch, 'subgraph'), chain.deployment)
    const close = () => content.close()
    return new Ours(supervisor, chain, { ports, databaseUrl: database.url, manifest, contentUrl: content.url, close })
  }

  /** The clock runs from just before graph-node's process does until everything up to the chain's head can be queried. */
  async index(timeoutMs: number): Promise<Indexed> {
    const seconds = await this.during(async (url, startedMs) => {
      await untilQueryable(url, this.#chain.head, timeoutMs)
      return (performance.now() - startedMs) / 1000
    })
    const [deployment] = await query<{ name: string }>(this.databaseUrl, 'SELECT name FROM public.deployment_schemas')
    return { seconds, databaseUrl: this.databaseUrl, schema: deployment!.name }
  }

  /** Goes on from where it stopped; ends graph-node when `work` is done. */
  readonly during: During = async (work) => {
    const startedMs = performance.now()
    const { process, url } = await startIndexNode(this.#supervisor, {
      ...{ manifest: this.#manifest, databaseUrl: this.databaseUrl, ports: this.#ports, block: 0 },
      ...{ chainUrl: this.#chain.url, contentUrl: this.#contentUrl },
    })
    try {
      return await this.#supervisor.during(work(url, startedMs))
    } finally {
      await process.stop()
    }
  }
}

/** @throws when the subgraph halts, or not in time */
export async function untilQueryable(url: string, block: number, timeoutMs: number): Promise<void> {
  type Meta = { _meta: { block: { number: number }; hasIndexingErrors: boolean } }
  await until(`graph-node indexes block ${block}`, timeoutMs, async () => {
    const { _meta } = await queryGraph<Meta>(url, '{ _meta { block { number } hasIndexingErrors } }')
    if (_meta.hasIndexingErrors) throw new Error('The subgraph halted.')
    return _meta.block.number >= block || undefined
  })
}
