import type { QueryRows } from '@openledger/analytics'

export type RowFormat = 'table' | 'csv' | 'json'

/** Rows as a person, a spreadsheet or a program reads them; ends with a line break. */
export function formatRows(result: QueryRows, format: RowFormat): string {
  if (format === 'json') return `${JSON.stringify(result.rows.map((row) => objectOf(result, row)))}\n`
  const names = result.columns.map(({ name }) => name)
  if (format === 'csv') return [names, ...result.rows].map((row) => `${row.map(csvCell).join(',')}\r\n`).join('')
  const cells = result.rows.map((row) => row.map(plainCell))
  const isNumber = result.columns.map(({ type }) =>
    /^(U?(TINY|SMALL|BIG|HUGE)?INT|INTEGER|DECIMAL|DOUBLE|FLOAT|BIGNUM)/.test(type),
  )
  const widths = names.map((name, index) => Math.max(name.length, ...cells.map((row) => row[index]!.length)))
  const line = (row: readonly string[]) =>
    `${row
      .map((cell, index) => (isNumber[index] ? cell.padStart(widths[index]!) : cell.padEnd(widths[index]!)))
      .join('  ')
      .trimEnd()}\n`
  const rule = `${widths.map((width) => '─'.repeat(width)).join('  ')}\n`
  return line(names) + rule + cells.map(line).join('')
}

function objectOf({ columns }: QueryRows, row: readonly unknown[]): Record<string, unknown> {
  return Object.fromEntries(columns.map(({ name }, index) => [name, row[index]]))
}

/** Control characters would let text from the chain rule the terminal. */
function plainCell(value: unknown): string {
  const text = value === null ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value)
  return text.replace(/\n/g, '↵').replace(/\p{Cc}|\p{Cf}/gu, '�')
}

/** @see RFC 4180 */
function csvCell(value: unknown): string {
  const text = value === null ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
