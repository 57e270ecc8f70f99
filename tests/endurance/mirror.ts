import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { LineageStore, PostgresSource, readEntitySchema, SubgraphSource } from '@openledger/lineage-store'
import type { MirrorMessage } from './mirror-process.ts'

const SCHEMA = readFileSync(resolve(import.meta.dirname, '../../schema.graphql'), 'utf8')
const SUBGRAPH = 'subgraph-0'

/** What a mirror is made from. */
export type MirrorPlan = {
  kind: 'Postgres' | 'GraphQL'
  file: string
  databaseUrl: string
  subgraphUrl: string
  rpcUrl: string
}

export type Mirror = { store: LineageStore; close(): Promise<void> }

export const { entities } = readEntitySchema(SCHEMA)

export async function openMirror({ kind, file, databaseUrl, subgraphUrl, rpcUrl }: MirrorPlan): Promise<Mirror> {
  const schema = readEntitySchema(SCHEMA)
  const source =
    kind === 'Postgres'
      ? new PostgresSource({ schema, databaseUrl, subgraph: SUBGRAPH, rpcUrl, timeoutMs: 5_000 })
      : new SubgraphSource({ schema, subgraphUrl, rpcUrl, timeoutMs: 5_000 })
  const store = await LineageStore.open(file, { schema: SCHEMA, source })
  return {
    store,
    close: async () => {
      await store.close()
      await source.close()
    },
  }
}

/** A mirror that runs in a process of its own. */
export class MirrorProcess {
  readonly plan: MirrorPlan
  /** What it said last. */
  last: MirrorMessage = { fault: 'nothing said yet' }
  /** How often each fault was met, by its code. */
  readonly faults = new Map<string, number>()
  syncs = 0
  #child: ChildProcess | undefined

  constructor(plan: MirrorPlan) {
    this.plan = plan
    this.start()
  }

  start(): void {
    this.last = { fault: 'nothing said yet' }
    this.#child = fork(join(import.meta.dirname, 'mirror-process.ts'), [JSON.stringify(this.plan)])
    this.#child.on('message', (message: MirrorMessage) => {
      this.last = message
      this.syncs += 1
      if (!('fault' in message)) return
      const code = message.fault.split(' ')[0]!
      this.faults.set(code, (this.faults.get(code) ?? 0) + 1)
    })
  }

  /** Kills it without a warning. */
  async kill(): Promise<void> {
    if (this.#child === undefined || this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const gone = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await gone
  }
}
