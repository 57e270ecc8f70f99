/** Records that are JSON rows: one flat object of named columns. They come from strangers, so all of it is bounded. */
import { LanguageModelError } from './error.ts'

const MAX_BYTES = 1_048_576
const MAX_COLUMNS = 256

/**
 * @returns each column as text: strings as they are, numbers and booleans as JSON writes them; null columns are left out
 * @throws {LanguageModelError} `model.row_invalid` for what is no such row
 */
export function readRow(bytes: Uint8Array): Readonly<Record<string, string>> {
  if (bytes.length > MAX_BYTES) throw rowInvalid('it is too long', { bytes: bytes.length, max: MAX_BYTES })
  let row: unknown
  try {
    row = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (cause) {
    throw rowInvalid('it is not JSON in UTF-8', { bytes: bytes.length }, cause)
  }
  if (typeof row !== 'object' || row === null || Array.isArray(row)) {
    throw rowInvalid('it is not an object', { type: Array.isArray(row) ? 'array' : typeof row })
  }
  const entries = Object.entries(row)
  if (entries.length > MAX_COLUMNS) throw rowInvalid('it has too many columns', { columns: entries.length })
  // Without a prototype: a column may be called "constructor".
  const columns: Record<string, string> = Object.create(null)
  for (const [name, value] of entries) {
    if (value === null) continue
    if (typeof value === 'object') {
      throw rowInvalid('a column is neither text nor number', { column: name.slice(0, 80) })
    }
    columns[name] = String(value)
  }
  return columns
}

function rowInvalid(why: string, facts: Record<string, string | number>, cause?: unknown): LanguageModelError {
  return new LanguageModelError('model.row_invalid', `This record is no row of a table: ${why}.`, {
    facts,
    nextStep: 'Leave the record out, or contribute it again as one flat JSON object.',
    cause,
  })
}
