import { styleText } from 'node:util'

/** One JSON object on stdout; integers that JSON would round as decimal strings. */
export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, (_, inner) => (typeof inner === 'bigint' ? String(inner) : inner))}\n`)
}

/** Rows in columns on stdout under their names, or `none` on stderr. The head is bold in a terminal, unless NO_COLOR. */
export function printTable(rows: readonly Record<string, string | number>[], none: string): void {
  const [first] = rows
  if (first === undefined) return void process.stderr.write(`${none}\n`)
  const names = Object.keys(first)
  const widths = names.map((name) => Math.max(name.length, ...rows.map((row) => String(row[name]).length)))
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => cell.padEnd(widths[i]!))
      .join('  ')
      .trimEnd()
  process.stdout.write(`${styleText('bold', line(names), { stream: process.stdout })}\n`)
  for (const row of rows) process.stdout.write(`${line(names.map((name) => plain(row[name])))}\n`)
}

/** Facts under each other on stdout. */
export function printFacts(facts: Record<string, unknown>): void {
  const width = Math.max(...Object.keys(facts).map((name) => name.length))
  for (const [name, value] of Object.entries(facts)) {
    process.stdout.write(`${name.padEnd(width)}  ${plain(value ?? 'none')}\n`)
  }
}

/** What somebody wrote, on one line and without the control characters that a terminal would obey. */
export function plain(value: unknown): string {
  return String(value).replace(/[\p{Cc}\p{Cf}]+/gu, ' ')
}

export function note(line: string): void {
  process.stderr.write(`${line}\n`)
}
