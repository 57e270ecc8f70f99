import type { ClientBase } from 'pg'
import { differs } from './deployment.ts'
import type { EntityField, EntitySchema, EntityType } from './entity-schema.ts'

/** Where an entity's rows are, and how they are asked for as `row-columns.ts` spells them. */
export type EntityTable = { entity: string; table: string; columns: readonly string[] }

/**
 * The tables of a deployment, found by name and checked field by field.
 *
 * graph-node turns names into snake case by rules of its own (`latencyP50Ms` is latency_p50_ms, `tag1` is tag_1), so names
 * are compared without underscores and case, which is all that those rules change. What is not in the schema is not looked
 * at: aggregations, full-text columns, tables ending in `$`.
 * @throws lineage.layout_differs naming the table or column that is missing, doubled or of another type
 */
export async function findTables(
  client: ClientBase,
  namespace: string,
  schema: EntitySchema,
): Promise<readonly EntityTable[]> {
  const { rows } = await client.query<Column>(
    `SELECT table_name AS "table", column_name AS name, udt_name AS type, udt_schema = $1 AS "isOwn"
       FROM information_schema.columns WHERE table_schema = $1`,
    [namespace],
  )
  const tables = Map.groupBy(rows, ({ table }) => table)
  return schema.entities.map((entity) => {
    const table = only([...tables.keys()], (name) => name, entity.name, `table of ${entity.name}`)
    const columns = tables.get(table)!
    const stamp = entity.immutable ? 'block$' : 'block_range'
    if (!columns.some(({ name }) => name === stamp))
      throw differs(`table of ${entity.name}`, `column ${stamp}`, 'no such column')
    const selected = entity.fields.map((field) => {
      const what = `column of ${entity.name}.${field.name}`
      const column = only(columns, ({ name }) => name, field.name, what)
      return expression(entity, field, column)
    })
    return {
      entity: entity.name,
      table: `${quoted(namespace)}.${quoted(table)}`,
      columns: ['vid >> 32', ...selected].map((column) => `coalesce(CAST(${column} AS text), '\\N')`),
    }
  })
}

type Column = {
  table: string
  name: string
  /** Postgres's own name of the type; of a list, its items' type after an underscore. */
  type: string
  /** Whether the type is the deployment's own, as enums are. */
  isOwn: boolean
}

function only<T>(candidates: readonly T[], nameOf: (candidate: T) => string, name: string, what: string): T {
  const found = candidates.filter((candidate) => plain(nameOf(candidate)) === plain(name))
  if (found.length === 1) return found[0]!
  throw differs(what, name, found.length === 0 ? 'none' : found.map(nameOf).join(', '))
}

function plain(name: string): string {
  return name.replaceAll('_', '').toLowerCase()
}

function expression(entity: EntityType, field: EntityField, column: Column): string {
  const name = quoted(column.name)
  const type = field.list ? column.type.replace(/^_/, '') : column.type
  const isList = column.type.startsWith('_')
  const known = column.isOwn ? 'enum' : type
  if (isList !== field.list || !COLUMNS[field.type].includes(known)) {
    const expected = `${COLUMNS[field.type].join(' or ')}${field.list ? '[]' : ''}`
    throw differs(`column of ${entity.name}.${field.name}`, expected, column.type)
  }
  if (!field.list) return spelled(known, name)
  const items = `SELECT ${spelled(known, 'item')} FROM unnest(${name}) WITH ORDINALITY AS items(item, i) ORDER BY i`
  return `CASE WHEN ${name} IS NOT NULL THEN array_to_string(ARRAY(${items}), ',') END`
}

/** Postgres types by DuckDB's. */
const COLUMNS: Record<EntityField['type'], readonly string[]> = {
  // An id may be text, bytes or a number, and so may be what refers to it; decimals are kept as text.
  VARCHAR: ['bytea', 'text', 'enum', 'numeric', 'int8'],
  BIGNUM: ['numeric'],
  BIGINT: ['int8', 'timestamptz'],
  INTEGER: ['int4'],
  BOOLEAN: ['bool'],
}

function spelled(type: string, value: string): string {
  if (type === 'bytea') return `'0x' || encode(${value}, 'hex')`
  if (type === 'text') return `'=' || encode(convert_to(${value}, 'UTF8'), 'hex')`
  // Microseconds, as GraphQL gives them.
  if (type === 'timestamptz') return `CAST(extract(epoch FROM ${value}) * 1000000 AS int8)`
  return value
}

function quoted(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`
}
