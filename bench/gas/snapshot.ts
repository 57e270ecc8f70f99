import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Figure } from '../figure.ts'
import type { Scenario } from './scenario.ts'

const root = resolve(import.meta.dirname, '../..')
export const SNAPSHOT_FILE = resolve(root, 'contracts/gas-snapshot.json')
export const TABLE_FILE = resolve(root, 'docs/gas.md')
export const RESULTS_FILE = resolve(root, 'bench/results/gas.json')

/** Gas by the scenario's name: what is committed, so that a change of a contract shows what it costs. */
export type Snapshot = Record<string, number>

export function readSnapshot(): Snapshot {
  return JSON.parse(readFileSync(SNAPSHOT_FILE, 'utf8')) as Snapshot
}

/** Everything that is wrong with what was measured: each line names a figure. */
export function complaints(
  figures: readonly Figure[],
  kept: Snapshot,
  scenarios: readonly Pick<Scenario, 'name' | 'bar'>[],
): string[] {
  const measured = new Map(figures.map(({ name, ours }) => [name, ours]))
  const found: string[] = []
  for (const [name, ours] of measured) {
    const before = kept[name]
    const bar = scenarios.find((scenario) => scenario.name === name)?.bar
    if (before === undefined) found.push(`${name} is ${ours}, and not in the snapshot`)
    else if (before !== ours) found.push(`${name} is ${ours}, the snapshot says ${before}`)
    if (bar !== undefined && ours > bar) found.push(`${name} is ${ours}, above its bar of ${bar}`)
  }
  for (const name of Object.keys(kept))
    if (!measured.has(name)) found.push(`${name} is in the snapshot, and was not measured`)
  return found
}

/**
 * What others take for a claim at 2^20 leaves, and what one at least takes. Measured once, for the choice of the design, in a
 * harness of their own and ours; not in the run that measures our figures. EigenLayer and Merkl are the paths of their
 * claims, with their own leaves and events, against the same token.
 */
const PEERS: readonly Readonly<{ name: string; first: number; later: number | null; what: string }>[] = [
  { name: 'Uniswap MerkleDistributor', first: 94_200, later: null, what: 'one claim for good, no later root' },
  {
    name: '1inch CumulativeMerkleDrop',
    first: 94_300,
    later: 60_200,
    what: 'the owner swaps the root, old proofs revert',
  },
  { name: 'EigenLayer RewardsCoordinator', first: 117_300, later: 83_100, what: 'cumulative, salted leaves' },
  { name: 'Merkl Distributor', first: 137_300, later: 86_000, what: 'cumulative, two slots a claim' },
  {
    name: 'a single ERC-20 claim, least',
    first: 92_100,
    later: 57_900,
    what: 'computed, not measured: what no claim can go below',
  },
]

/** docs/gas.md as it must be. */
export function renderTable(kept: Snapshot, scenarios: readonly Omit<Scenario, 'run'>[]): string {
  const gas = (value: number | null | undefined) => (value == null ? '' : value.toLocaleString('en'))
  const own = scenarios.map(({ name, says, n, bar, goal }) => {
    return [`\`${name}\``, gas(kept[name]), gas(bar), gas(goal), n === 1 ? says : `${says} Each.`]
  })
  const ours = [
    '**OpenLedger**',
    gas(kept['claim.first']),
    gas(kept['claim.later']),
    'bonded roots, proofs never go stale',
  ]
  const peers = PEERS.map(({ name, first, later, what }) => [name, gas(first), later === null ? '–' : gas(later), what])
  return `# Gas

Gas of whole transactions: their base, their data and what they run, through the proxy where there is one, on the contracts as
they are deployed. \`npm run gas\` measures and writes this page, \`contracts/gas-snapshot.json\` and \`bench/results/gas.json\`;
\`npm test\` fails when a figure differs from the snapshot or exceeds its bar. Each figure is a file's scenario:
\`bench/gas/scenarios/\`.

${table(['name', 'gas', 'bar', 'goal', 'what'], own, [1, 2, 3])}

## Beside others

A claim by one account at 2^20 leaves. The others' figures were measured once, when the design was chosen, not in the run that
measured ours. Uniswap's distributor can be measured in the same run, as its package ships it: after \`npm install --prefix
bench/peers\`, \`npm run bench -- gas\` prints it as the peer of \`claim.first\` (96,258 here).

${table(['', 'first', 'later', ''], [ours, ...peers], [1, 2])}
`
}

/** As the project's formatter sets tables. */
function table(head: readonly string[], rows: readonly (readonly string[])[], right: readonly number[]): string {
  const widths = head.map((cell, i) => Math.max(3, cell.length, ...rows.map((row) => row[i]!.length)))
  const line = (cells: readonly string[]) => {
    const padded = cells.map((cell, i) => (right.includes(i) ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)))
    return `| ${padded.join(' | ')} |`
  }
  const rule = widths.map((width, i) => (right.includes(i) ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width)))
  return [line(head), line(rule), ...rows.map(line)].join('\n')
}
