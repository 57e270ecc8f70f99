/**
 * `npm run coverage:contracts`: which lines of the contracts no Solidity test runs. Fails below 98 % of all lines. Tests deploy by
 * name, so what they deploy is what the instrumented build made: nothing escapes.
 */
import { readFileSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { hardhatInLane } from './lanes.ts'
import { economySources } from './solc.ts'

const LEAST = 0.98
const root = resolve(import.meta.dirname, '../..')
const report = join(root, 'coverage/lcov.info')

rmSync(report, { force: true })
const { code, output } = await hardhatInLane('coverage', ['--coverage', 'test', 'solidity'])
if (code !== 0) {
  console.error(output)
  process.exit(1)
}

const covered = linesOf(readFileSync(report, 'utf8'))
let [ran, all] = [0, 0]
for (const file of economySources()) {
  const lines = covered.get(file)
  // Interfaces have no line that runs.
  if (lines === undefined) continue
  const missed = [...lines].filter(([, count]) => count === 0).map(([line]) => line)
  ran += lines.size - missed.length
  all += lines.size
  const share = percent(lines.size - missed.length, lines.size)
  console.log(`${share} ${file}${missed.length > 0 ? `  never run: ${ranges(missed)}` : ''}`)
}
const good = all > 0 && ran / all >= LEAST
console.log(`${percent(ran, all)} of ${all} lines; at least ${percent(LEAST, 1).trim()}`)
process.exit(good ? 0 : 1)

/** How often each line ran, by file. */
function linesOf(lcov: string): Map<string, Map<number, number>> {
  const files = new Map<string, Map<number, number>>()
  let lines = new Map<number, number>()
  for (const entry of lcov.split('\n')) {
    const [key, value] = [entry.slice(0, entry.indexOf(':')), entry.slice(entry.indexOf(':') + 1)]
    if (key === 'SF') {
      lines = new Map()
      files.set(value, lines)
    }
    if (key !== 'DA') continue
    const [line, count] = value.split(',').map(Number) as [number, number]
    lines.set(line, count)
  }
  return files
}

function percent(part: number, whole: number): string {
  return `${((100 * part) / Math.max(whole, Number.MIN_VALUE)).toFixed(2).padStart(6)} %`
}

/** 3, 4, 5, 9 → 3-5, 9 */
function ranges(numbers: readonly number[]): string {
  const runs: [number, number][] = []
  for (const number of [...numbers].sort((a, b) => a - b)) {
    const last = runs.at(-1)
    if (last !== undefined && number === last[1] + 1) last[1] = number
    else runs.push([number, number])
  }
  return runs.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(', ')
}
