/**
 * `npm run bench -- <bench> [--json] [--fresh] [--docs]`: measures, and prints a table, or one JSON object a line. Each
 * folder here is a bench. `--fresh` makes again what a bench keeps; `--docs` writes its tables into docs/.
 */
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Bench, Figure } from './figure.ts'

const benches = readdirSync(import.meta.dirname, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && existsSync(join(import.meta.dirname, entry.name, 'bench.ts')))
  .map((entry) => entry.name)
  .sort()
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    fresh: { type: 'boolean', default: false },
    docs: { type: 'boolean', default: false },
  },
})
const unknown = positionals.filter((name) => !benches.includes(name))
if (positionals.length === 0 || unknown.length > 0) {
  if (unknown.length > 0) console.error(`No such bench: ${unknown.join(', ')}`)
  console.error(`npm run bench -- <bench> [--json] [--fresh] [--docs]\nBenches: ${benches.join(', ')}`)
  process.exit(2)
}
for (const name of positionals) {
  const { measure } = (await import(join(import.meta.dirname, name, 'bench.ts'))) as Bench
  for await (const figure of measure(values)) console.log(values.json ? JSON.stringify(figure) : row(figure))
}
// A chain in this process would keep it alive.
process.exit(0)

function row({ name, ours, peer, ratio, unit, n }: Figure): string {
  const beside = peer === null ? '' : `  peer ${peer.toLocaleString('en')}, ratio ${ratio}`
  return `${name.padEnd(24)} ${ours.toLocaleString('en').padStart(12)} ${unit}  n ${n}${beside}`
}
