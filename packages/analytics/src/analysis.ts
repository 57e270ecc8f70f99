import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { DuckDBConnection } from '@duckdb/node-api'
import { type EntitySchema, type OpenDatabase, openDatabase } from '@openledger/lineage-store'
import { ENGINE_TABLES } from './engine-tables.ts'
import { SUMMARIES } from './summaries.ts'
import { readViews } from './view-catalog.ts'

/** A column as it is stored, and what the index calls its type where that is another. */
export type TableColumn = { readonly name: string; readonly type: string }
export type Table = { readonly name: string; readonly columns: readonly TableColumn[]; readonly key: readonly string[] }

/**
 * A DuckDB file in the making in which every analytic question is one query: the index's entities, the engine's tables,
 * and the views over both. Tables come first, then `finish()`. It may read and write files of one folder and no others.
 *
 * Integers of the index are BIGNUM in the mirror, which DuckDB 1.5 can store and sum, and nothing else: other arithmetic
 * goes through doubles, and its cast to HUGEINT is wrong beyond 64 bits. So amounts become HUGEINT here, by way of text, and
 * other integers BIGINT. What does not fit, since somebody wrote a huge number where nothing bounds it, makes its column
 * HUGEINT (up to 38 digits) or text; the views only read columns that contracts bound.
 */
export class Analysis {
  readonly folder: string
  readonly #database: OpenDatabase.Opened
  readonly #connection: DuckDBConnection
  readonly #tables: Table[] = []

  private constructor(folder: string, database: OpenDatabase.Opened, connection: DuckDBConnection) {
    this.folder = folder
    this.#database = database
    this.#connection = connection
  }

  /**
   * @param folder made where missing; the only one that SQL reaches
   * @param file   of DuckDB, or ':memory:'
   * @throws database.locked
   */
  static async create(
    folder: string,
    file: string,
    options: Pick<OpenDatabase.Options, 'memoryLimit' | 'threads'> = {},
  ) {
    await mkdir(folder, { recursive: true })
    const database = await openDatabase(file, { memoryLimit: '1GB', ...options, folder: resolve(folder) })
    return new Analysis(resolve(folder), database, await database.instance.connect())
  }

  /** What it holds so far, by name. */
  get tables(): readonly Table[] {
    return [...this.#tables].sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  /** Makes the index's tables, empty: for tests and made-up chains. */
  async createEntities({ entities }: EntitySchema): Promise<void> {
    for (const { name, fields } of entities) {
      const columns = fields.map(({ name: column, type, list }) => ({
        name: column,
        type: type === 'BIGNUM' ? integerType(column, 0) : `${type}${list ? '[]' : ''}`,
      }))
      await this.#create({ name, columns, key: ['id'] })
    }
  }

  /** Makes the engine's tables, empty. */
  async createEngineTables(): Promise<void> {
    for (const { name, columns, key } of ENGINE_TABLES) await this.#create({ name, columns, key })
  }

  /**
   * Copies the index's tables out of a mirror that nobody has open.
   * @param file of a LineageStore, within the folder
   */
  async copyMirror(schema: EntitySchema, file: string): Promise<void> {
    await this.run(`ATTACH ${text(resolve(file))} AS mirror (READ_ONLY)`)
    try {
      for (const { name, fields } of schema.entities) {
        const from = `mirror.${quoted(name)}`
        const integers = fields.filter(({ type, list }) => type === 'BIGNUM' && !list).map((field) => field.name)
        const digits = await this.#digitsOf(from, integers)
        const selected = fields.map(({ name: column, type, list }) => {
          if (type !== 'BIGNUM') return { name: column, type: `${type}${list ? '[]' : ''}`, sql: quoted(column) }
          // Lists are for reading: none holds money, and text is exact.
          const kept = list ? 'VARCHAR[]' : integerType(column, digits.get(column)!)
          const asText = `CAST(${quoted(column)} AS VARCHAR${list ? '[]' : ''})`
          return { name: column, type: kept, sql: `CAST(${asText} AS ${kept})` }
        })
        const columns = selected.map(({ name: column, sql }) => `${sql} AS ${quoted(column)}`)
        await this.run(`CREATE TABLE ${quoted(name)} AS SELECT ${columns.join(', ')} FROM ${from} ORDER BY id`)
        this.#tables.push({
          name,
          columns: selected.map(({ name: column, type }) => ({ name: column, type })),
          key: ['id'],
        })
      }
    } finally {
      await this.run('DETACH mirror')
    }
  }

  /** Makes a table of Parquet files within the folder; of none, an empty one. */
  async copyFiles(table: Table, files: readonly string[]): Promise<void> {
    if (files.length === 0) return this.#create(table)
    const columns = table.columns.map(({ name, type }) => `CAST(${quoted(name)} AS ${type}) AS ${quoted(name)}`)
    const list = files.map((file) => text(resolve(this.folder, file))).join(', ')
    await this.run(`CREATE TABLE ${quoted(table.name)} AS SELECT ${columns.join(', ')} FROM read_parquet([${list}])`)
    this.#tables.push(table)
  }

  /** Makes summaries and views over the tables that are there. */
  async finish(): Promise<void> {
    for (const statement of SUMMARIES) await this.run(statement)
    for (const { sql } of readViews()) await this.run(sql)
    await this.run('CHECKPOINT')
  }

  /**
   * Writes rows from `offset` on, at most `limit`, into a Parquet file of the folder: HUGEINT becomes DECIMAL(38,0), since
   * Parquet's writer would make it a double. A table's rows are in the order of its key already; those of a view, which has
   * none, are ordered by all columns. @returns the number of rows
   */
  async writeFile(table: Table, file: string, offset: number, limit: number): Promise<number> {
    if (existsSync(join(this.folder, file))) throw new Error(`${file} is there already`)
    const columns = table.columns.map(({ name, type }) =>
      type.startsWith('HUGEINT')
        ? `CAST(${quoted(name)} AS ${type.replace('HUGEINT', 'DECIMAL(38,0)')}) AS ${quoted(name)}`
        : quoted(name),
    )
    const part =
      table.key.length === 0
        ? `ORDER BY ALL LIMIT ${limit} OFFSET ${offset}`
        : `WHERE rowid >= ${offset} AND rowid < ${offset + limit}`
    const [row] = await this.rows(
      `COPY (SELECT ${columns.join(', ')} FROM ${quoted(table.name)} ${part})
       TO ${text(join(this.folder, file))} (FORMAT parquet, COMPRESSION zstd)`,
    )
    return Number(row!.Count)
  }

  /** How a view's columns are typed. It has no key: its rows are ordered by all columns. */
  async viewTable(name: string): Promise<Table> {
    const columns = await this.rows(`DESCRIBE ${quoted(name)}`)
    return {
      name,
      columns: columns.map((row) => ({ name: String(row.column_name), type: String(row.column_type) })),
      key: [],
    }
  }

  async run(sql: string): Promise<void> {
    await this.#connection.run(sql)
  }

  async rows(sql: string): Promise<Record<string, unknown>[]> {
    return (await this.#connection.runAndReadAll(sql)).getRowObjects()
  }

  close(): void {
    this.#connection.closeSync()
    this.#database.close()
  }

  async #create(table: Table): Promise<void> {
    const columns = table.columns.map(({ name, type }) => `${quoted(name)} ${type}`)
    await this.run(`CREATE TABLE ${quoted(table.name)} (${columns.join(', ')})`)
    this.#tables.push(table)
  }

  /** Digits of the longest value of each column. */
  async #digitsOf(from: string, columns: readonly string[]): Promise<ReadonlyMap<string, number>> {
    if (columns.length === 0) return new Map()
    const digits = columns.map(
      (column) => `coalesce(max(length(ltrim(CAST(${quoted(column)} AS VARCHAR), '-'))), 0) AS ${quoted(column)}`,
    )
    const [row] = await this.rows(`SELECT ${digits.join(', ')} FROM ${from}`)
    return new Map(columns.map((column) => [column, Number(row![column])]))
  }
}

/** The type that holds an integer column of the index whose longest value has so many digits. */
function integerType(column: string, digits: number): 'BIGINT' | 'HUGEINT' | 'VARCHAR' {
  if (digits > 38) return 'VARCHAR'
  return digits > 18 || column.endsWith('Wei') ? 'HUGEINT' : 'BIGINT'
}

export function quoted(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`
}

function text(value: string): string {
  return `'${value.replaceAll("'", "''")}'`
}
