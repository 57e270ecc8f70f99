import { OpenLedgerError } from '@openledger/protocol'
import type { Subgraph } from '../sources/subgraph.ts'
import { readCursor, writeCursor } from './cursor.ts'
import type { Entity, Row, Where } from './entity.ts'

/** Most rows of one page. */
export const MAX_FIRST = 100
/** Most values of one filter, for example of `id_in`. */
const MAX_VALUES = 100

export type ListArguments = {
  first: number
  after?: string | null
  where?: Where | null
  orderBy: string
  orderDirection: 'asc' | 'desc'
}

export type Connection<T> = {
  nodes: T[]
  edges: { cursor: string; node: T }[]
  pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string | null; endCursor: string | null }
}

/**
 * One page of a list in the subgraph, by keyset: a page from the middle costs what the first one costs.
 * @param of what every row of this list is, whatever the client filters by: `{datanet: id}` of a Datanet's records
 * @throws page.first_out_of_range, page.cursor_malformed, page.too_many_values
 */
export async function pageOf<T extends Row>(
  subgraph: Subgraph,
  { typeName, listName, fields }: Entity,
  { first, after, where, orderBy, orderDirection }: ListArguments,
  of: Where = {},
): Promise<Connection<T>> {
  checkFirst(first)
  const filters = [of, clean(where ?? {})].filter((filter) => Object.keys(filter).length > 0)
  if (after != null) filters.push(...behind(after, orderBy, orderDirection))
  const { rows } = await subgraph.query<{ rows: (T & { cursorId: string; cursorValue: string | number })[] }>(
    `query($block: Int!, $where: ${typeName}_filter, $count: Int!) {
      rows: ${listName}(first: $count, where: $where, orderBy: ${orderBy}, orderDirection: ${orderDirection}, block: {number: $block}) {
        cursorId: id cursorValue: ${orderBy} ${fields}
      }
    }`,
    { where: filters.length > 0 ? { and: filters } : {}, count: first + 1 },
  )
  const edges = rows
    .slice(0, first)
    .map((row) => ({ cursor: writeCursor({ value: row.cursorValue, id: row.cursorId }), node: row as T }))
  return {
    edges,
    nodes: edges.map(({ node }) => node),
    pageInfo: {
      hasNextPage: rows.length > first,
      hasPreviousPage: after != null,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  }
}

/** Refuses a page size that no client needs. */
export function checkFirst(first: number, max = MAX_FIRST): void {
  if (first >= 1 && first <= max) return
  throw new OpenLedgerError('page.first_out_of_range', 'A page cannot be that large or empty.', {
    facts: { first, max },
    nextStep: 'Ask for 1 to the given maximum at a time and follow pageInfo.endCursor.',
  })
}

/**
 * What stands behind a place: (value, id) > place, in the list's direction. Written as value ≥ v and (value > v or id > i),
 * because a database finds the start of a range by its first part and would read the whole list for a mere `or`.
 */
function behind(after: string, orderBy: string, direction: 'asc' | 'desc'): Where[] {
  const { value, id } = readCursor(after)
  const side = direction === 'asc' ? 'gt' : 'lt'
  if (orderBy === 'id') return [{ [`id_${side}`]: id }]
  return [{ [`${orderBy}_${side}e`]: value }, { or: [{ [`${orderBy}_${side}`]: value }, { [`id_${side}`]: id }] }]
}

/** Without what was given as null: no filter is meant by that. */
function clean(where: Where): Where {
  const entries = Object.entries(where).filter(([, value]) => value != null)
  for (const [name, value] of entries) {
    if (!Array.isArray(value) || value.length <= MAX_VALUES) continue
    throw new OpenLedgerError('page.too_many_values', 'A filter names too many values.', {
      facts: { filter: name, values: value.length, max: MAX_VALUES },
      nextStep: 'Ask in several requests of at most that many.',
    })
  }
  return Object.fromEntries(entries)
}
