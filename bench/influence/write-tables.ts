/** Puts the figures into docs/attribution.md, between two marks. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Figure } from '../figure.ts'
import { machineKind } from '../machine.ts'

const FILE = join(import.meta.dirname, '../../docs/attribution.md')
const [BEGIN, END] = ['<!-- bench influence: begin -->', '<!-- bench influence: end -->']

export function writeTables(figures: readonly Figure[]): void {
  const text = readFileSync(FILE, 'utf8')
  const [start, end] = [text.indexOf(BEGIN), text.indexOf(END)]
  if (start === -1 || end < start) throw new Error(`${FILE} lacks the marks that tables are put between`)
  writeFileSync(FILE, `${text.slice(0, start)}${BEGIN}\n\n${tableOf(figures)}\n${text.slice(end)}`)
}

function tableOf(figures: readonly Figure[]): string {
  const rows = figures.map(({ name, ours, peer, unit, n }) => [`\`${name}\``, ours, peer ?? '', unit, n].map(String))
  const lines = [['figure', 'ours', 'peer', 'unit', 'n'], ...rows]
  const widths = lines[0]!.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)))
  const print = (cells: string[]) => `| ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`
  return `Measured on ${machineKind()}.\n\n${[print(lines[0]!), rule, ...rows.map(print)].join('\n')}\n`
}
