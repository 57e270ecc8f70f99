import { OpenLedgerError } from '@openledger/protocol'
import type { Subgraph } from './sources/subgraph.ts'

const MAX_FIRST = 100

export type PageArguments = { first: number; after?: string | null }
export type Connection<T> = { nodes: T[]; pageInfo: { hasNextPage: boolean; endCursor: string | null } }

/**
 * One page of a list in the subgraph, by keyset: a page from the middle costs what the first one costs.
 * @param list.orderBy a field of the entity; equal values are ordered by id, in the same direction
 * @throws page.first_out_of_range, page.cursor_malformed
 */
export async function pageOf<T>(
  subgraph: Subgraph,
  list: PageOf,
  { first, after }: PageArguments,
): Promise<Connection<T>> {
  checkFirst(first)
  const { entity, fields, orderBy, direction, where = {} } = list
  const filters: unknown[] = Object.entries(where).map(([name, value]) => ({ [name]: value }))
  if (after != null) {
    const [value, id] = readCursor(after)
    const side = direction === 'asc' ? 'gt' : 'lt'
    filters.push({ or: [{ [`${orderBy}_${side}`]: value }, { [orderBy]: value, [`id_${side}`]: id }] })
  }
  const filterType = `${entity.typeName}_filter`
  const { rows } = await subgraph.query<{ rows: Record<string, unknown>[] }>(
    `query($block: Int!, $where: ${filterType}, $count: Int!) {
      rows: ${entity.listName}(first: $count, where: $where, orderBy: ${orderBy}, orderDirection: ${direction}, block: {number: $block}) {
        cursorId: id cursorValue: ${orderBy} ${fields}
      }
    }`,
    { where: filters.length > 0 ? { and: filters } : {}, count: first + 1 },
  )
  const page = rows.slice(0, first)
  const last = page.at(-1)
  return {
    nodes: page as T[],
    pageInfo: {
      hasNextPage: rows.length > first,
      endCursor: last === undefined ? null : writeCursor(String(last.cursorValue), String(last.cursorId)),
    },
  }
}

export type PageOf = {
  entity: { typeName: string; listName: string }
  fields: string
  orderBy: string
  direction: 'asc' | 'desc'
  where?: Record<string, unknown>
}

/** Refuses a page size that no client needs. */
export function checkFirst(first: number): void {
  if (first >= 1 && first <= MAX_FIRST) return
  throw new OpenLedgerError('page.first_out_of_range', 'A page cannot be that large or empty.', {
    facts: { first, max: MAX_FIRST },
    nextStep: `Ask for 1 to ${MAX_FIRST} at a time and follow pageInfo.endCursor.`,
  })
}

function writeCursor(value: string, id: string): string {
  return Buffer.from(JSON.stringify([value, id])).toString('base64url')
}

function readCursor(cursor: string): [value: string, id: string] {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))
    const [value, id] = (Array.isArray(parsed) ? parsed : []).map(String)
    if (value !== undefined && id !== undefined && /^[0-9a-zA-Z .:-]{1,128}$/.test(value) && /^0x[0-9a-f]+$/.test(id)) {
      return [value, id]
    }
  } catch {
    // Falls through to the one refusal below.
  }
  throw new OpenLedgerError('page.cursor_malformed', 'This cursor is not one that a page gave.', {
    facts: { cursor: cursor.slice(0, 80) },
    nextStep: 'Pass pageInfo.endCursor of the page before, unchanged.',
  })
}
