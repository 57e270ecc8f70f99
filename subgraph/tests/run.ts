/**
 * Runs the subgraph's tests through graph-node itself: `gnd test` on a Postgres of their own.
 *
 *   node subgraph/tests/run.ts [name of a case]
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import {
  compileMappings,
  freePorts,
  GRAPH_NODE_ENVIRONMENT,
  gndProgram,
  query,
  Supervisor,
  startDatabase,
  writeSubgraph,
} from '@openledger/cli/stack'
import { OpenLedgerError } from '@openledger/protocol'
import { agentStaking } from './cases/agent-staking.ts'
import { agents } from './cases/agents.ts'
import { contributionFile } from './cases/contribution-file.ts'
import { curation } from './cases/curation.ts'
import { governance } from './cases/governance.ts'
import { inferenceEscrow } from './cases/inference-escrow.ts'
import { lineageRegistry } from './cases/lineage-registry.ts'
import { money } from './cases/money.ts'
import { openToken } from './cases/open-token.ts'
import { overTime } from './cases/over-time.ts'
import { powers } from './cases/powers.ts'
import { auditing } from './cases/quality.ts'
import { receiptsFile } from './cases/receipts-file.ts'
import { rewards } from './cases/rewards.ts'
import { search } from './cases/search.ts'
import { trainingJobs } from './cases/training-jobs.ts'
import { eventsOfCases, handledEvents } from './handler-coverage.ts'
import { testOnChain } from './live.ts'

const CASES = {
  openToken,
  lineageRegistry,
  contributionFile,
  inferenceEscrow,
  receiptsFile,
  rewards,
  agentStaking,
  agents,
  curation,
  governance,
  trainingJobs,
  auditing,
  money,
  powers,
  overTime,
  search,
}

const wanted = process.argv[2]
const scratch = mkdtempSync(join(tmpdir(), 'openledger-subgraph-'))
chmodSync(scratch, 0o755) // Postgres may have to run as another user
const supervisor = await Supervisor.start(scratch, { add: () => undefined, remove: () => undefined })
const count = { passed: 0, failed: 0 }
/** Events that reached the engine, as `Contract.Event`. */
const met: string[] = []
try {
  const { databasePort } = await freePorts()
  const [database, module] = await Promise.all([
    startDatabase(supervisor, join(scratch, 'database'), databasePort),
    compileMappings(supervisor),
  ])
  // gnd adds the `build/` to the manifest that it is given.
  const manifest = join(dirname(dirname(writeSubgraph(module, scratch))), 'subgraph.yaml')
  if (wanted === undefined || wanted === 'live') {
    await record('models, names that are no text, and manifests of strangers, on a real chain', async () => {
      met.push(...(await testOnChain(supervisor, scratch, module, await createDatabase(database.url, 'live'))))
      return true
    })
  }
  for (const [name, test] of Object.entries(CASES)) {
    if (wanted !== undefined && wanted !== name) continue
    const file = join(scratch, `${name}.json`)
    writeFileSync(file, JSON.stringify(test))
    await record(test.name, async () => (await runGnd(manifest, file, await createDatabase(database.url, name))) === 0)
  }
  if (wanted === undefined) {
    await record('every handler of an event is run by some case', async () => {
      met.push(...eventsOfCases(Object.values(CASES)))
      const unmet = handledEvents().filter((event) => !met.includes(event))
      if (unmet.length > 0) process.stderr.write(`No case has: ${unmet.join(', ')}\n`)
      return unmet.length === 0
    })
  }
} finally {
  await supervisor.end()
  rmSync(scratch, { recursive: true, force: true })
}
process.stdout.write(`subgraph: ${count.passed} passed, ${count.failed} failed\n`)
process.exitCode = count.failed > 0 || count.passed === 0 ? 1 : 0

/** Each test has a database of its own: gnd leaves what it indexed in place when a test fails. */
async function createDatabase(cluster: string, name: string): Promise<string> {
  await query(cluster, `CREATE DATABASE ${name.toLowerCase()}`)
  const url = new URL(cluster)
  url.pathname = `/${name.toLowerCase()}`
  return url.href
}

async function record(name: string, test: () => Promise<boolean>): Promise<void> {
  const passed = await test().catch((error) => {
    process.stderr.write(`${error instanceof OpenLedgerError ? error.toText() : error.stack}\n`)
    return false
  })
  count[passed ? 'passed' : 'failed'] += 1
  process.stdout.write(`${passed ? 'ok    ' : 'FAILED'} ${name}\n`)
}

/** Shows what gnd says only when the test fails. */
async function runGnd(manifest: string, test: string, databaseUrl: string): Promise<number> {
  const child = spawn(gndProgram(), ['test', '--skip-build', '-m', manifest, '--postgres-url', databaseUrl, test], {
    cwd: scratch,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...GRAPH_NODE_ENVIRONMENT },
  })
  const [said, complained, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')])
  if (code !== 0) process.stderr.write(`${said}${complained}`)
  return code ?? 1
}
