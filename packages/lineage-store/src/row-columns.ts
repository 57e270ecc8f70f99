import type { EntityField, EntityType } from './entity-schema.ts'

/**
 * Rows as text that DuckDB takes apart itself, some thousands at a time: made in Postgres, it passes through this process
 * without a value of it being touched, which is what makes the mirror fast. By columns, because taking lines apart into
 * fields costs DuckDB more than all the rest.
 *
 *   columns  the rows' blocks, then the entity's fields in their order
 *   column   one field of each row, separated by line feeds
 *   field    \N for null; a list's items joined by commas, nothing for an empty list
 *   value    `=` and the hex digits of its UTF-8 for text of any kind; as it is written for what holds none of the
 *            characters above: numbers, `0x…`, `true` or `t`, names of enums
 */
export type RowColumns = readonly string[]

/** A row as GraphQL words it: text, number, boolean, null or a list of these, by field. References are ids. */
export type EntityRow = Readonly<Record<string, unknown>>

export function columnsOf(entity: EntityType, rows: readonly EntityRow[], block: number): RowColumns {
  const fields = entity.fields.map(({ name }) => rows.map((row) => spelled(row[name])))
  return [rows.map(() => String(block)), ...fields].map((values) => values.join('\n'))
}

function spelled(given: unknown): string {
  if (given === null || given === undefined) return '\\N'
  return Array.isArray(given) ? given.map(value).join(',') : value(given)
}

function value(given: unknown): string {
  const text = String(given)
  return /^[\w.-]+$/.test(text) ? text : `=${Buffer.from(text).toString('hex')}`
}

/**
 * A query for the rows whose columns are given as $1, $2, …: `_block`, then the entity's fields, each with its type.
 *
 * A text that does not fit its type makes the whole query fail.
 */
export function selectFromColumns(entity: EntityType): string {
  const given = [...entity.fields.keys(), entity.fields.length].map(
    (i) => `unnest(string_split($${i + 1}, chr(10))) AS c${i}`,
  )
  const columns = entity.fields.map((field, i) => typedField(field, `nullif(c${i + 1}, '\\N')`))
  return `SELECT CAST(c0 AS BIGINT), ${columns.join(', ')} FROM (SELECT ${given.join(', ')})`
}

function typedField({ type, list }: EntityField, text: string): string {
  if (!list) return typed(type, text)
  const items = `list_transform(string_split(${text}, ','), lambda item: ${typed(type, 'item')})`
  return `CASE WHEN ${text} = '' THEN CAST([] AS ${type}[]) ELSE ${items} END`
}

function typed(type: string, text: string): string {
  if (type !== 'VARCHAR') return `CAST(${text} AS ${type})`
  return `CASE WHEN starts_with(${text}, '=') THEN decode(unhex(substr(${text}, 2))) ELSE ${text} END`
}
