import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api'
import { OpenLedgerError } from '@openledger/protocol'
import { type EntitySchema, readEntitySchema } from './entity-schema.ts'
import type { Block, EntitySource, IndexHead } from './entity-source.ts'
import { MirrorTables } from './mirror-tables.ts'
import { type OpenDatabase, openDatabase } from './open-database.ts'

/**
 * The subgraph's entities in DuckDB, where every question is one SQL query.
 *
 * Rows and cursor are written in one transaction, so the mirror always stands at exactly one block. Before each step it
 * asks the chain whether it still stands on it, and rewinds to the newest sync point that does, and that the index has:
 * one that lost blocks will write what it reads from files with other blocks than before. Doing anything twice changes
 * nothing. Entities are never removed (the subgraph's rule), so a missing row needs no trace.
 */
export class LineageStore {
  readonly schema: EntitySchema
  readonly #database: OpenDatabase.Opened
  readonly #tables: MirrorTables
  readonly #writer: DuckDBConnection
  readonly #source: EntitySource
  readonly #options: LineageStore.Options
  #turn: Promise<unknown> = Promise.resolve()

  private constructor(
    schema: EntitySchema,
    database: OpenDatabase.Opened,
    writer: DuckDBConnection,
    options: LineageStore.Options,
  ) {
    this.schema = schema
    this.#database = database
    this.#writer = writer
    this.#tables = new MirrorTables(schema, writer, options.source.stamps)
    this.#source = options.source
    this.#options = options
  }

  /**
   * @param file of DuckDB, made where missing; ':memory:' for none
   * @throws database.locked, lineage.schema_unsupported
   */
  static async open(file: string, options: LineageStore.Options): Promise<LineageStore> {
    const schema = readEntitySchema(options.schema)
    const database = await openDatabase(file, options)
    try {
      const store = new LineageStore(schema, database, await database.instance.connect(), options)
      await store.#tables.prepare()
      return store
    } catch (error) {
      database.close()
      throw error
    }
  }

  /** Where an unreadable file of an earlier run was moved to; null when there was none. */
  get damagedFile(): string | null {
    return this.#database.damagedFile
  }

  /** The block the mirror stands at; null before the first sync. */
  async head(): Promise<Block | null> {
    return this.#inTurn(async () => (await this.#tables.checkpoints())[0] ?? null)
  }

  /**
   * Brings the mirror to `toBlock`, or to the subgraph's newest block where that is lower or none is given.
   * @returns the block it stands at afterwards, which is higher than `toBlock` when it already was
   * @throws what the source throws; lineage.moved when the chain was reorganised while the rows were read
   */
  async sync(toBlock?: number): Promise<Block> {
    return this.#inTurn(() => this.#sync(toBlock))
  }

  /**
   * Rows of a read-only query. BIGNUM and BIGINT come as bigint, lists as arrays.
   * @param params values of $1, $2, …
   * @throws lineage.query_failed with DuckDB's message; lineage.query_timeout
   */
  async query<Row extends Record<string, unknown> = Record<string, unknown>>(
    sql: string,
    params: readonly DuckDBValue[] = [],
  ): Promise<Row[]> {
    const connection = await this.#database.instance.connect()
    const timeoutMs = this.#options.queryTimeoutMs ?? 30_000
    let timedOut = false
    const timer = setTimeout(() => {
      timedOut = true
      connection.interrupt()
    }, timeoutMs)
    try {
      const statements = await connection.extractStatements(sql)
      // A second statement could end the read-only transaction that the first one runs in.
      if (statements.count !== 1) throw new Error(`${statements.count} statements were given; one is allowed`)
      await connection.run('BEGIN TRANSACTION READ ONLY')
      const reader = await connection.runAndReadAll(sql, [...params])
      return reader.getRowObjects().map((row) => plain(row) as Row)
    } catch (cause) {
      if (timedOut) {
        throw new OpenLedgerError('lineage.query_timeout', 'The query took too long and was stopped.', {
          facts: { timeoutMs, sql: sql.slice(0, 200) },
          nextStep: 'Ask for less: filter by block, or aggregate first.',
        })
      }
      throw new OpenLedgerError('lineage.query_failed', 'DuckDB refused the query.', {
        facts: { reason: cause instanceof Error ? cause.message.slice(0, 500) : String(cause), sql: sql.slice(0, 200) },
        nextStep: 'Correct the SQL; the tables are those of schema.graphql, and only reading is allowed.',
        cause,
      })
    } finally {
      clearTimeout(timer)
      connection.closeSync()
    }
  }

  async close(): Promise<void> {
    await this.#inTurn(async () => {
      this.#writer.closeSync()
      this.#database.close()
    })
  }

  async #sync(toBlock: number | undefined): Promise<Block> {
    const newest = await this.#source.head()
    await this.#followDeployment(newest.deployment)
    const from = await this.#rewind(newest)
    const target = await this.#target(newest, toBlock)
    if (from !== null && from.number >= target.number) return from
    await this.#tables.transact(async () => {
      await this.#copy(from, target)
      if ((await this.#source.hashOf(target.number)) !== target.hash) throw moved(target)
      await this.#source.head() // throws when the subgraph itself now stands on another fork
      await this.#tables.addCheckpoint(target, this.#options.keepCheckpoints ?? 1_024)
    })
    return target
  }

  async #target(newest: Block, toBlock: number | undefined): Promise<Block> {
    if (toBlock === undefined || toBlock >= newest.number) return { number: newest.number, hash: newest.hash }
    const hash = await this.#source.hashOf(toBlock)
    if (hash === null) throw moved({ number: toBlock, hash: 'none' })
    return { number: toBlock, hash }
  }

  /** Another deployment is another history: nothing of the old one may stay. */
  async #followDeployment(deployment: string): Promise<void> {
    const known = await this.#tables.fact('deployment')
    if (known === deployment) return
    if (known !== null) await this.#tables.reset()
    await this.#tables.setFact('deployment', deployment)
  }

  /** Back to the newest sync point that is still on the chain and indexed. @returns it; null when the mirror is empty */
  async #rewind(newest: IndexHead): Promise<Block | null> {
    const checkpoints = await this.#tables.checkpoints()
    for (const [index, checkpoint] of checkpoints.entries()) {
      if (checkpoint.number > newest.number || (await this.#source.hashOf(checkpoint.number)) !== checkpoint.hash)
        continue
      if (index > 0) await this.#tables.rewind(checkpoint)
      return checkpoint
    }
    if (checkpoints.length > 0) {
      const deployment = await this.#tables.fact('deployment')
      await this.#tables.rewind(null)
      if (deployment !== null) await this.#tables.setFact('deployment', deployment)
    }
    return null
  }

  async #copy(from: Block | null, target: Block): Promise<void> {
    const touched = new Set<string>()
    for await (const batch of this.#source.rows(from?.number ?? null, target)) {
      await this.#tables.insert(batch)
      touched.add(batch.entity)
    }
    for (const entity of touched) await this.#tables.settle(entity, from?.number ?? -1)
  }

  /** One thing at a time on the writer's connection. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(work, work)
    this.#turn = result.catch(() => {})
    return result
  }
}

export declare namespace LineageStore {
  type Options = OpenDatabase.Options & {
    /** Text of schema.graphql. */
    schema: string
    source: EntitySource
    /** How many sync points a reorganisation may reach back over before the mirror starts anew. */
    keepCheckpoints?: number
    queryTimeoutMs?: number
  }
}

function plain(value: unknown): unknown {
  if (value === null || typeof value !== 'object') return value
  if ('items' in value && Array.isArray(value.items)) return value.items.map(plain)
  return Object.getPrototypeOf(value) === Object.prototype
    ? Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, plain(inner)]))
    : value
}

function moved(block: Block): OpenLedgerError {
  return new OpenLedgerError('lineage.moved', 'The chain was reorganised while the index was read.', {
    facts: { block: block.number, hash: block.hash },
    nextStep: 'Sync again: nothing was written.',
    retryable: true,
  })
}
