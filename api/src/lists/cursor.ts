import { OpenLedgerError } from '@openledger/protocol'

/** Where a row stands in its list: its value in the order, as the subgraph gave it, and its id. */
export type Place = { value: string | number; id: string }

const MAX_LENGTH = 1_024

/** Opaque to clients, so that it may change. */
export function writeCursor({ value, id }: Place): string {
  return Buffer.from(JSON.stringify([value, id])).toString('base64url')
}

/** @throws page.cursor_malformed */
export function readCursor(cursor: string): Place {
  try {
    if (cursor.length > MAX_LENGTH) throw malformed(cursor)
    const parsed: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))
    if (!Array.isArray(parsed) || parsed.length !== 2) throw malformed(cursor)
    const [value, id] = parsed as [unknown, unknown]
    const isValue = typeof value === 'string' || Number.isSafeInteger(value)
    if (isValue && typeof id === 'string' && /^0x[0-9a-f]{2,200}$/.test(id)) {
      return { value: value as string | number, id }
    }
  } catch {
    // Falls through to the one refusal below.
  }
  throw malformed(cursor)
}

function malformed(cursor: string): OpenLedgerError {
  return new OpenLedgerError('page.cursor_malformed', 'This cursor is not one that a page gave.', {
    facts: { cursor: cursor.slice(0, 80) },
    nextStep: 'Pass pageInfo.endCursor of the page before, unchanged.',
  })
}
