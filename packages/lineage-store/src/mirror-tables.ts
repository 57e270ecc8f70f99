import type { DuckDBConnection } from '@duckdb/node-api'
import type { EntityField, EntitySchema, EntityType } from './entity-schema.ts'
import type { Block, EntityRow } from './entity-source.ts'

/**
 * The DuckDB tables of a schema.
 *
 *   "<Entity>"           immutable: one row per id, `_block` and the entity's fields
 *   "<Entity>_versions"  mutable: one row per id and sync that saw a change; "<Entity>" is the view of the newest ones
 *   _sync                blocks the mirror stood at, newest = the cursor
 *   _mirror              which schema and deployment the rows come from
 *
 * `_block` is the sync point as of which a row was read: it was written at or before that block and after the sync point
 * before it. GraphQL does not tell the exact one; for rewinding, the sync point is what counts.
 */
export class MirrorTables {
  readonly #schema: EntitySchema
  readonly #connection: DuckDBConnection

  constructor(schema: EntitySchema, connection: DuckDBConnection) {
    this.#schema = schema
    this.#connection = connection
  }

  /** Makes the tables; those of another schema are dropped first, for their rows mean something else. */
  async prepare(): Promise<void> {
    await this.#run('CREATE TABLE IF NOT EXISTS _mirror (name VARCHAR PRIMARY KEY, value VARCHAR NOT NULL)')
    await this.#run('CREATE TABLE IF NOT EXISTS _sync (block BIGINT PRIMARY KEY, hash VARCHAR NOT NULL)')
    if ((await this.fact('schema')) !== this.#schema.hash) await this.reset()
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
      await this.#run('DELETE FROM _sync')
      await this.#run('DELETE FROM _mirror')
      for (const entity of this.#schema.entities) await this.#create(entity)
      await this.setFact('schema', this.#schema.hash)
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

  async insert(entity: string, rows: readonly EntityRow[], at: Block): Promise<void> {
    if (rows.length === 0) return
    const { name, fields, immutable } = this.#schema.entities.find((candidate) => candidate.name === entity)!
    // All values travel as text and are cast by DuckDB: no number passes through a double on the way.
    const shape = JSON.stringify([
      Object.fromEntries(fields.map((field) => [field.name, field.list ? ['VARCHAR'] : 'VARCHAR'])),
    ])
    const values = fields.map((field) => `CAST(r.${quoted(field.name)} AS ${columnType(field)})`)
    await this.#connection.run(
      `INSERT INTO ${quoted(tableName({ name, immutable }))} (_block, ${fields.map((field) => quoted(field.name)).join(', ')})
       SELECT $1, ${values.join(', ')} FROM (SELECT unnest(from_json($2, '${shape.replaceAll("'", "''")}')) AS r)`,
      [BigInt(at.number), JSON.stringify(rows)],
    )
  }

  /** Forgets all that was read after `block`; with null, everything. */
  async rewind(block: Block | null): Promise<void> {
    if (block === null) return this.reset()
    await this.transact(async () => {
      const number = BigInt(block.number)
      for (const entity of this.#schema.entities) {
        await this.#connection.run(`DELETE FROM ${quoted(tableName(entity))} WHERE _block > $1`, [number])
      }
      await this.#connection.run('DELETE FROM _sync WHERE block > $1', [number])
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

  async #create(entity: EntityType): Promise<void> {
    const table = tableName(entity)
    const columns = entity.fields.map(
      (field) => `${quoted(field.name)} ${columnType(field)}${field.nullable ? '' : ' NOT NULL'}`,
    )
    const key = entity.immutable ? 'id' : 'id, _block'
    await this.#run(
      `CREATE TABLE ${quoted(table)} (_block BIGINT NOT NULL, ${columns.join(', ')}, PRIMARY KEY (${key}))`,
    )
    if (entity.immutable) return
    await this.#run(
      `CREATE VIEW ${quoted(entity.name)} AS SELECT * FROM ${quoted(table)}
       QUALIFY row_number() OVER (PARTITION BY id ORDER BY _block DESC) = 1`,
    )
  }

  async #run(sql: string): Promise<void> {
    await this.#connection.run(sql)
  }
}

function tableName({ name, immutable }: Pick<EntityType, 'name' | 'immutable'>): string {
  return immutable ? name : `${name}_versions`
}

function columnType({ type, list }: EntityField): string {
  return list ? `${type}[]` : type
}

function quoted(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`
}
