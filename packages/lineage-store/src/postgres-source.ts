import { OpenLedgerError } from '@openledger/protocol'
import { Pool, type PoolClient } from 'pg'
import { hashOnChain, requireOnChain } from './chain-hash.ts'
import { type Deployment, readDeployment } from './deployment.ts'
import type { EntitySchema } from './entity-schema.ts'
import type { Block, EntitySource, IndexHead, RowBatch } from './entity-source.ts'
import { unreachable } from './post-json.ts'
import { type EntityTable, findTables } from './postgres-tables.ts'

/** Rows of a batch: so many that the work outweighs the call, few enough to hold. */
const BATCH_ROWS = 10_000
/** vid = block << 32 | position in the block, since specVersion 1.3.0. */
const VIDS_PER_BLOCK = 1n << 32n

/**
 * Entities straight from graph-node's Postgres, each row with the block that wrote it.
 *
 * Why this is safe, though the tables are graph-node's own affair (`deployment.ts` pins the version, `postgres-tables.ts`
 * checks the layout):
 *
 * - graph-node writes the rows of one or more whole blocks and its new head in one transaction, and so it does when it
 *   reverts: it deletes the rows of the blocks that went and moves the head back. One snapshot (REPEATABLE READ) therefore
 *   holds exactly the rows up to its head, never half a block.
 * - A row's `vid` says the block that wrote it. A later block closes the range of a mutable row and writes another row;
 *   what stood there stays (`prune: never`). So the rows of a block never change while the block stands, and reading up to
 *   any block below the head gives what was there then. After a reorganisation the same `vid` may hold other rows: that is
 *   what the mirror's checkpoints are for, and the chain is asked whether the snapshot's head is on it.
 * - Postgres may be set up to lose the last transactions when it is killed, and what graph-node then writes again from
 *   files it may stamp with other blocks. So after reading, a commit of our own is waited for that is on disk: what was
 *   committed before it, hence all that was read, can be lost no more.
 */
export class PostgresSource implements EntitySource {
  readonly stamps = 'written'
  readonly #options: PostgresSource.Options
  readonly #pool: Pool
  #tables: { namespace: string; found: Promise<readonly EntityTable[]> } | undefined

  constructor(options: PostgresSource.Options) {
    this.#options = options
    this.#pool = new Pool({
      connectionString: options.databaseUrl,
      max: 2,
      connectionTimeoutMillis: options.timeoutMs ?? 30_000,
      idleTimeoutMillis: 10_000,
      allowExitOnIdle: true,
      // Whatever the server's own default: the commit in #settle must reach the disk.
      options: '-c synchronous_commit=on',
    })
    // A connection that breaks is reported on both, beside the query that fails; without a listener it would end the process.
    this.#pool.on('error', () => undefined)
    this.#pool.on('connect', (client) => {
      client.on('error', () => undefined)
    })
  }

  async head(): Promise<IndexHead> {
    const { number, hash, id, namespace } = await this.#connected((client) =>
      readDeployment(client, this.#options.subgraph),
    )
    // Deployed again it indexes again, and stamps what it reads from files with other blocks.
    return requireOnChain({ number, hash, deployment: `${id} in ${namespace}` }, (height) => this.hashOf(height))
  }

  async hashOf(number: number): Promise<string | null> {
    return hashOnChain(this.#options.rpcUrl, number, this.#options.timeoutMs)
  }

  async *rows(since: number | null, at: Block): AsyncIterable<RowBatch> {
    const client = await this.#connect()
    let isDone = false
    try {
      await client.query('BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY')
      // Rows are asked for in the order of the primary key, part by part. A table that grew since it was last analysed, as
      // these always do, would be read and sorted whole for each part.
      await client.query(
        'SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off; SET LOCAL enable_sort = off',
      )
      const deployment = await readDeployment(client, this.#options.subgraph)
      await this.#requireBelow(deployment, at)
      const tables = await this.#tablesOf(client, deployment.namespace)
      const range = [firstVid(since === null ? 0 : since + 1), firstVid(at.number + 1)] as const
      for (const table of await withRows(client, tables, range)) yield* batches(client, table, range)
      await client.query('COMMIT')
      isDone = true
      await this.#settle()
    } catch (error) {
      throw this.#worded(error)
    } finally {
      client.release(!isDone)
    }
  }

  async close(): Promise<void> {
    await this.#pool.end()
  }

  /** @throws lineage.moved unless the snapshot's head is on the chain, and `at` with it and not above it */
  async #requireBelow(head: Deployment, at: Block): Promise<void> {
    await requireOnChain(head, (number) => this.hashOf(number))
    if (at.number <= head.number && (await this.hashOf(at.number)) === at.hash) return
    throw new OpenLedgerError('lineage.moved', 'The chain was reorganised while the index was read.', {
      facts: { block: at.number, hash: at.hash, head: head.number },
      nextStep: 'Sync again: nothing was written.',
      retryable: true,
    })
  }

  /** The layout of a deployment never changes, so it is looked at once. */
  async #tablesOf(client: PoolClient, namespace: string): Promise<readonly EntityTable[]> {
    if (this.#tables?.namespace !== namespace) {
      this.#tables = { namespace, found: findTables(client, namespace, this.#options.schema) }
      this.#tables.found.catch(() => {
        this.#tables = undefined
      })
    }
    return this.#tables.found
  }

  /** Waits until all that is committed now is on disk. A standby has only what is on its primary's. */
  async #settle(): Promise<void> {
    await this.#connected((client) =>
      client.query(
        `SELECT CASE WHEN pg_is_in_recovery() THEN NULL ELSE pg_logical_emit_message(true, 'openledger', '') END`,
      ),
    )
  }

  async #connected<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    const client = await this.#connect()
    let isDone = false
    try {
      const result = await work(client)
      isDone = true
      return result
    } catch (error) {
      throw this.#worded(error)
    } finally {
      client.release(!isDone)
    }
  }

  async #connect(): Promise<PoolClient> {
    try {
      return await this.#pool.connect()
    } catch (error) {
      throw this.#worded(error)
    }
  }

  /** Postgres's own errors say that it cannot be read now; the URL holds a password, so only its host is told. */
  #worded(error: unknown): unknown {
    if (error instanceof OpenLedgerError) return error
    const { host, pathname } = new URL(this.#options.databaseUrl)
    return unreachable(`postgresql://${host}${pathname}`, error instanceof Error ? error.message : String(error), error)
  }
}

export declare namespace PostgresSource {
  type Options = {
    schema: EntitySchema
    /** Of graph-node's database, for a user that may read it. */
    databaseUrl: string
    /** The subgraph's name in graph-node, for example subgraph-0. */
    subgraph: string
    rpcUrl: string
    /** A call is given up after this time. */
    timeoutMs?: number
  }
}

function firstVid(block: number): bigint {
  return BigInt(block) * VIDS_PER_BLOCK
}

/** From the first on, without the last. */
type VidRange = readonly [bigint, bigint]

/** One question instead of one for each table: in most blocks most entities have no new row. */
async function withRows(
  client: PoolClient,
  tables: readonly EntityTable[],
  range: VidRange,
): Promise<readonly EntityTable[]> {
  const asked = tables.map(
    ({ table }, index) => `(SELECT ${index} AS i FROM ${table} WHERE vid >= $1 AND vid < $2 LIMIT 1)`,
  )
  const { rows } = await client.query<{ i: number }>(`${asked.join(' UNION ALL ')} ORDER BY i`, [...range])
  return rows.map(({ i }) => tables[i]!)
}

/** A table's rows in the order of their vids. The next batch is asked for before the one at hand is used. */
async function* batches(
  client: PoolClient,
  { entity, table, columns }: EntityTable,
  [first, end]: VidRange,
): AsyncIterable<RowBatch> {
  const joined = columns.map((_, i) => `string_agg(c${i}, chr(10)) AS c${i}`)
  const texts = columns.map((column, i) => `${column} AS c${i}`)
  // One row with a text for each column: thousands of small rows would cost this process more than all else.
  const text = `SELECT max(vid) + 1 AS next, count(*) AS size, ${joined.join(', ')} FROM
    (SELECT vid, ${texts.join(', ')} FROM ${table} WHERE vid >= $1 AND vid < $2 ORDER BY vid LIMIT ${BATCH_ROWS}) AS batch`
  const ask = (from: bigint | string) => {
    const answer = client.query<(string | null)[]>({ text, values: [from, end], rowMode: 'array' })
    answer.catch(() => undefined) // whoever waits for it sees it; nobody does when the mirror gave up meanwhile
    return answer
  }
  for (let asked = ask(first); ; ) {
    const [next, size, ...found] = (await asked).rows[0]!
    if (next == null) return
    const isLast = Number(size) < BATCH_ROWS
    if (!isLast) asked = ask(next)
    yield { entity, columns: found as string[] }
    if (isLast) return
  }
}
