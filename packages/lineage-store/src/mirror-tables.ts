import type { DuckDBConnection } from '@duckdb/node-api'
import type { EntityField, EntitySchema, EntityType } from './entity-schema.ts'
import type { Block, EntitySource, RowBatch } from './entity-source.ts'
import { selectFromColumns } from './row-columns.ts'

/**
 * The DuckDB tables of a schema.
 *
 *   "<Entity>"             immutable: one row per id; mutable: the newest version of each id
 *   "<Entity>_versions"    mutable: every version
 *   "<Entity>_as_of"(n)    the entity as it was at the end of block n, a table macro
 *   _sync                  blocks the mirror stood at, newest = the cursor
 *   _mirror                which schema, deployment and stamps the rows have
 *
 * Every row begins with `_block`. What it says depends on the source, see `EntitySource.stamps`: the block that wrote the
 * row, or the sync point as of which it was read, which is where it was written or later, but before the next sync point.
 * `_as_of` is exact with the first; with the second it is exact at sync points.
 */
export class MirrorTables {
  readonly #schema: EntitySchema
  readonly #connection: DuckDBConnection
  readonly #stamps: EntitySource['stamps']

  constructor(schema: EntitySchema, connection: DuckDBConnection, stamps: EntitySource['stamps']) {
    this.#schema = schema
    this.#connection = connection
    this.#stamps = stamps
  }

  /** Makes the tables; those of another schema or other stamps are dropped first, for their rows mean something else. */
  async prepare(): Promise<void> {
    await this.#run('CREATE TABLE IF NOT EXISTS _mirror (name VARCHAR PRIMARY KEY, value VARCHAR NOT NULL)')
    await this.#run('CREATE TABLE IF NOT EXISTS _sync (block BIGINT PRIMARY KEY, hash VARCHAR NOT NULL)')
    const isOurs = (await this.fact('schema')) === this.#schema.hash && (await this.fact('stamps')) === this.#stamps
    if (!isOurs) await this.reset()
  }

  /** Empties the mirror: drops every table and view but its own two, and makes the schema's anew. */
  async reset(): Promise<void> {
    await this.transact(async () => {
      const reader = await this.#connection.runAndReadAll(
        `SELECT table_name AS name, table_type AS type FROM information_schema.tables WHERE NOT starts_with(table_name, '_')`,
      )
      const found = reader.getRowObjects() as { name: string; type: string }[]
      for (const { name } of found.filter(({ type }) => type === 'VIEW')) await this.#run(`DROP VIEW ${quoted(name)}`)
      for (const { name } of found.filter(({ type }) => type !== 'VIEW')) await this.#run(`DROP TABLE ${quoted(name)}`)
      const macros = await this.#connection.runAndReadAll(
        `SELECT function_name FROM duckdb_functions() WHERE function_type = 'table_macro' AND NOT internal`,
      )
      for (const [name] of macros.getRows()) await this.#run(`DROP MACRO TABLE ${quoted(String(name))}`)
      await this.#run('DELETE FROM _sync')
      await this.#run('DELETE FROM _mirror')
      for (const entity of this.#schema.entities) await this.#create(entity)
      await this.setFact('schema', this.#schema.hash)
      await this.setFact('stamps', this.#stamps)
    })
  }

  async fact(name: string): Promise<string | null> {
    const reader = await this.#connection.runAndReadAll('SELECT value FROM _mirror WHERE name = $1', [name])
    return (reader.getRows()[0]?.[0] as string | undefined) ?? null
  }

  async setFact(name: string, value: string): Promise<void> {
    await this.#connection.run('INSERT OR REPLACE INTO _mirror VALUES ($1, $2)', [name, value])
  }

  /** Blocks the mirror stood at, newest first. */
  async checkpoints(): Promise<Block[]> {
    const reader = await this.#connection.runAndReadAll('SELECT block, hash FROM _sync ORDER BY block DESC')
    return reader.getRows().map(([block, hash]) => ({ number: Number(block), hash: String(hash) }))
  }

  async addCheckpoint(block: Block, keep: number): Promise<void> {
    await this.#connection.run('INSERT INTO _sync VALUES ($1, $2)', [BigInt(block.number), block.hash])
    await this.#run(
      `DELETE FROM _sync WHERE block < (SELECT min(block) FROM (SELECT block FROM _sync ORDER BY block DESC LIMIT ${keep}))`,
    )
  }

  /** Adds rows. What they replace is seen to by `settle`. */
  async insert({ entity, columns }: RowBatch): Promise<void> {
    const type = this.#typeOf(entity)
    await this.#connection.run(`INSERT INTO ${quoted(keptIn(type))} ${selectFromColumns(type)}`, [...columns])
  }

  /** Makes the newest versions of mutable entities right after rows above block `since` came or, before they go, `without` them. */
  async settle(entity: string, since: number, without = false): Promise<void> {
    const type = this.#typeOf(entity)
    if (type.immutable) return
    const [newest, versions] = [quoted(type.name), quoted(keptIn(type))]
    const changed = `SELECT id FROM ${versions} WHERE _block > ${since}`
    const candidates = without ? `id IN (${changed}) AND _block <= ${since}` : `_block > ${since}`
    await this.#run(`DELETE FROM ${newest} WHERE id IN (${changed})`)
    await this.#run(
      `INSERT INTO ${newest} SELECT * FROM ${versions} WHERE ${candidates}
       QUALIFY row_number() OVER (PARTITION BY id ORDER BY _block DESC) = 1`,
    )
  }

  /** Forgets all that was read after `block`; with null, everything. */
  async rewind(block: Block | null): Promise<void> {
    if (block === null) return this.reset()
    await this.transact(async () => {
      for (const entity of this.#schema.entities) {
        await this.settle(entity.name, block.number, true)
        await this.#run(`DELETE FROM ${quoted(keptIn(entity))} WHERE _block > ${block.number}`)
      }
      await this.#run(`DELETE FROM _sync WHERE block > ${block.number}`)
    })
  }

  /** Runs `work` in one transaction: all of it is kept, or nothing. */
  async transact(work: () => Promise<void>): Promise<void> {
    await this.#run('BEGIN TRANSACTION')
    try {
      await work()
      await this.#run('COMMIT')
    } catch (error) {
      await this.#run('ROLLBACK').catch(() => {}) // a failed COMMIT has rolled back already
      throw error
    }
  }

  /**
   * Exact stamps need no key: what lies above the cursor was never read. Otherwise a row can come again, stamped later, when
   * the index lost blocks and indexed them anew; such a mirror must break rather than count it twice.
   */
  async #create(entity: EntityType): Promise<void> {
    const kept = keptIn(entity)
    const fields = entity.fields.map(
      (field) => `${quoted(field.name)} ${columnType(field)}${field.nullable ? '' : ' NOT NULL'}`,
    )
    const columns = ['_block BIGINT NOT NULL', ...fields]
    const key = this.#stamps === 'read' ? [`PRIMARY KEY (${entity.immutable ? 'id' : 'id, _block'})`] : []
    await this.#run(`CREATE TABLE ${quoted(kept)} (${[...columns, ...key].join(', ')})`)
    if (!entity.immutable) await this.#run(`CREATE TABLE ${quoted(entity.name)} (${columns.join(', ')})`)
    const newest = entity.immutable ? '' : 'QUALIFY row_number() OVER (PARTITION BY id ORDER BY _block DESC) = 1'
    await this.#run(
      `CREATE MACRO ${quoted(`${entity.name}_as_of`)}(_at) AS TABLE SELECT * FROM ${quoted(kept)} WHERE _block <= _at ${newest}`,
    )
  }

  #typeOf(entity: string): EntityType {
    return this.#schema.entities.find(({ name }) => name === entity)!
  }

  async #run(sql: string): Promise<void> {
    await this.#connection.run(sql)
  }
}

/** The table that holds all that was read of an entity. */
function keptIn({ name, immutable }: EntityType): string {
  return immutable ? name : `${name}_versions`
}

function columnType({ type, list }: EntityField): string {
  return list ? `${type}[]` : type
}

function quoted(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`
}
