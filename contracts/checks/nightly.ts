/**
 * `npm run nightly:contracts`: what is too long for every change. Fuzzing with 10,000 runs and invariants with 1,024 × 64, every
 * mutant, every proof; each runs whatever the one before said, and the last line counts. With --brief a little of each part, to
 * see that all of them still run.
 */
import { spawnSync } from 'node:child_process'
import { resolve } from 'node:path'

const root = resolve(import.meta.dirname, '../..')
type Step = Readonly<{ name: string; parameters: readonly string[]; brief: readonly string[]; lane?: string }>
const STEPS: readonly Step[] = [
  {
    name: 'fuzz',
    parameters: ['node_modules/hardhat/dist/src/cli.js', 'test', 'solidity'],
    brief: ['contracts/test/EmissionInvariants.t.sol'],
    lane: 'nightly',
  },
  { name: 'mutation', parameters: ['contracts/mutation/main.ts'], brief: ['--sample', '4'] },
  { name: 'proofs', parameters: ['contracts/formal/prove.ts'], brief: ['SharesModel'] },
]
const brief = process.argv.includes('--brief')

let passed = 0
for (const { name, parameters, brief: shorter, lane } of STEPS) {
  const startedMs = performance.now()
  const environment = lane === undefined ? {} : { OPENLEDGER_SOLIDITY_LANE: lane }
  const { status } = spawnSync(process.execPath, [...parameters, ...(brief ? shorter : [])], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...environment },
  })
  if (status === 0) passed++
  console.log(`${status === 0 ? '✓' : '✗'} ${name}  ${((performance.now() - startedMs) / 1000).toFixed(0)} s`)
}
console.log(`${passed} passed, ${STEPS.length - passed} failed`)
process.exit(passed === STEPS.length ? 0 : 1)
