/**
 * `npm run nightly:contracts`: what is too long for every change. Fuzzing with 10,000 runs and invariants with 1,024 × 64, every
 * mutant, every proof; each runs whatever the one before said, and the last line counts.
 */
import { spawnSync } from 'node:child_process'
import { resolve } from 'node:path'

const root = resolve(import.meta.dirname, '../..')
const STEPS: readonly Readonly<{ name: string; parameters: readonly string[]; lane?: string }>[] = [
  { name: 'fuzz', parameters: ['node_modules/hardhat/dist/src/cli.js', 'test', 'solidity'], lane: 'nightly' },
  { name: 'mutation', parameters: ['contracts/mutation/main.ts'] },
  { name: 'proofs', parameters: ['contracts/formal/prove.ts'] },
]

let passed = 0
for (const { name, parameters, lane } of STEPS) {
  const startedMs = performance.now()
  const environment = lane === undefined ? {} : { OPENLEDGER_SOLIDITY_LANE: lane }
  const { status } = spawnSync(process.execPath, [...parameters], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...environment },
  })
  if (status === 0) passed++
  console.log(`${status === 0 ? '✓' : '✗'} ${name}  ${((performance.now() - startedMs) / 1000).toFixed(0)} s`)
}
console.log(`${passed} passed, ${STEPS.length - passed} failed`)
process.exit(passed === STEPS.length ? 0 : 1)
