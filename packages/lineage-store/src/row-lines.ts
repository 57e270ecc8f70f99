import type { EntityField, EntityType } from './entity-schema.ts'

/**
 * Rows as text that DuckDB takes apart itself, some thousands at a time: made in Postgres, it passes through this process
 * without a value of it being touched, which is what makes the mirror fast.
 *
 *   line   block TAB field TAB field …, in the order of the entity's fields; ended by a line feed
 *   field  \N for null; a list's items joined by commas, nothing for an empty list
 *   value  `=` and the hex digits of its UTF-8 for text of any kind; as it is written for what holds none of the
 *          characters above: numbers, `0x…`, `true` or `t`, names of enums
 */
export type EntityRow = Readonly<Record<string, unknown>>

/** Lines of rows as GraphQL words them: text, number, boolean, null or a list of these, by field. */
export function linesOf(entity: EntityType, rows: readonly EntityRow[], block: number): string {
  return rows
    .map((row) => [String(block), ...entity.fields.map(({ name }) => field(row[name]))].join('\t'))
    .map((line) => `${line}\n`)
    .join('')
}

function field(given: unknown): string {
  if (given === null || given === undefined) return '\\N'
  return Array.isArray(given) ? given.map(value).join(',') : value(given)
}

function value(given: unknown): string {
  const text = String(given)
  return /^[\w.-]+$/.test(text) ? text : `=${Buffer.from(text).toString('hex')}`
}

/**
 * A query for the rows in the lines given as $1: `_block`, then the entity's fields, each with its column's type.
 *
 * A text that does not fit its type makes the whole query fail.
 */
export function selectFromLines(entity: EntityType): string {
  const columns = entity.fields.map((each, index) => column(each, `nullif(parts[${index + 2}], '\\N')`))
  return `SELECT CAST(parts[1] AS BIGINT), ${columns.join(', ')}
    FROM (SELECT string_split(unnest(string_split(rtrim($1, chr(10)), chr(10))), chr(9)) AS parts)`
}

function column({ type, list }: EntityField, text: string): string {
  if (!list) return typed(type, text)
  const items = `list_transform(string_split(${text}, ','), lambda item: ${typed(type, 'item')})`
  return `CASE WHEN ${text} = '' THEN CAST([] AS ${type}[]) ELSE ${items} END`
}

function typed(type: string, text: string): string {
  if (type !== 'VARCHAR') return `CAST(${text} AS ${type})`
  return `CASE WHEN starts_with(${text}, '=') THEN decode(unhex(substr(${text}, 2))) ELSE ${text} END`
}
