/**
 * `npm run gas`: measures the gas of every scenario and writes what is committed of it. With --check it writes nothing, and fails
 * if a figure differs from the snapshot or exceeds its bar.
 */
import { writeFileSync } from 'node:fs'
import type { Figure } from '../figure.ts'
import { machineKind } from '../machine.ts'
import { measure, scenarios } from './bench.ts'
import { complaints, RESULTS_FILE, readSnapshot, renderTable, SNAPSHOT_FILE, TABLE_FILE } from './snapshot.ts'

const figures: Figure[] = []
for await (const figure of measure()) figures.push(figure)
const list = await scenarios()
const measured = Object.fromEntries(figures.map(({ name, ours }) => [name, ours]))

if (!process.argv.includes('--check')) {
  const machine = machineKind()
  const note = 'Gas is the same on every machine.'
  writeFileSync(SNAPSHOT_FILE, `${JSON.stringify(measured, null, 2)}\n`)
  writeFileSync(RESULTS_FILE, `${JSON.stringify({ machine, note, figures }, null, 2)}\n`)
  writeFileSync(TABLE_FILE, renderTable(measured, list))
}

const found = complaints(figures, readSnapshot(), list)
for (const { name, ours } of figures) {
  const { bar } = list.find((scenario) => scenario.name === name)!
  const wrong = found.some((complaint) => complaint.startsWith(`${name} `))
  console.log(
    `${wrong ? '✗' : '✓'} ${name.padEnd(24)} ${ours.toLocaleString('en').padStart(9)}${bar === undefined ? '' : `  bar ${bar.toLocaleString('en')}`}`,
  )
}
for (const complaint of found) console.error(complaint)
const failed = figures.filter(({ name }) => found.some((complaint) => complaint.startsWith(`${name} `))).length
const lost = found.length > 0 && failed === 0 ? 1 : 0
if (found.length > 0) console.error('What changed on purpose is written by: npm run gas')
console.log(`${figures.length - failed} passed, ${failed + lost} failed`)
// A chain in this process would keep it alive.
process.exit(found.length > 0 ? 1 : 0)
