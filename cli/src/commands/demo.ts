import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { HttpContentStore } from '@openledger/content-store'
import { OpenLedgerError } from '@openledger/protocol'
import { Command } from 'commander'
import { type DemoReport, failedChecks } from '../demo/report.ts'
import { readSettings } from '../settings.ts'
import { startStack } from '../stack/stack.ts'
import { PROJECT } from '../stack/subgraph-build.ts'

/** `openledger demo`: the whole story on fresh state and free ports. Exit code 0 only if every check held. */
export function demoCommand(): Command {
  return new Command('demo')
    .description('tell the whole story on fresh state and free ports, and check all of it')
    .option('--json', 'print the report as one JSON object on stdout')
    .option('--keep <folder>', 'keep the state in this folder, which must be empty or absent')
    .action(async (flags: { json?: boolean; keep?: string }) => {
      const folder = flags.keep ?? (await mkdtemp(join(tmpdir(), 'openledger-demo-')))
      const interrupted = new AbortController()
      const interrupt = () => interrupted.abort()
      process.once('SIGINT', interrupt).once('SIGTERM', interrupt)
      try {
        const report = await runDemo(folder, interrupted.signal)
        if (flags.json) console.log(JSON.stringify(report))
        else print(report)
        refuseFailures(report)
      } finally {
        process.off('SIGINT', interrupt).off('SIGTERM', interrupt)
        if (flags.keep === undefined) await rm(folder, { recursive: true, force: true })
      }
    })
}

async function runDemo(folder: string, signal: AbortSignal): Promise<DemoReport> {
  // Engine and training are large: only who runs the demo waits for them.
  const { tellStory } = await import('../demo/story.ts')
  const startedMs = performance.now()
  const note = (line: string) => {
    const seconds = Math.round((performance.now() - startedMs) / 1000)
    process.stderr.write(`${String(seconds).padStart(4)} s  ${line}\n`)
  }
  note('Stack: chain, contracts, index, content, services')
  const settings = await readSettings({ state: folder, challengeWindow: '5' })
  const stack = await startStack({
    settings,
    ports: 'free',
    signal,
    // The demo settles and closes its epoch itself, so that its parts can be timed.
    environment: { OPENLEDGER_SETTLE_EVERY_MS: '0', OPENLEDGER_EPOCH_SECONDS: '0' },
    onStep: (step, detail) => note(`  ${step}: ${detail}`),
  })
  const up = Math.round((performance.now() - startedMs) / 100) / 10
  try {
    const { urls, deployment } = stack
    const stage = {
      root: PROJECT,
      deployment,
      contentStore: new HttpContentStore(urls.content),
      urls: { ...urls, rpc: urls.chain },
    }
    const report = await Promise.race([tellStory(stage, note), stack.failure, rejectOn(signal)])
    const total = Math.round((performance.now() - startedMs) / 100) / 10
    return { ...report, seconds: { ...report.seconds, up, total } }
  } finally {
    await stack.stop()
  }
}

function rejectOn(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const interrupted = () =>
      reject(
        new OpenLedgerError('demo.interrupted', 'The demo was interrupted.', {
          nextStep: 'Run it again: it starts afresh.',
        }),
      )
    if (signal.aborted) interrupted()
    signal.addEventListener('abort', interrupted, { once: true })
  })
}

function refuseFailures(report: DemoReport): void {
  const failed = failedChecks(report)
  if (failed.length === 0) return
  throw new OpenLedgerError('demo.check_failed', 'Not every check of the demo held.', {
    facts: { failed: failed.join(', ') },
    nextStep: 'Run `npm run demo -- --json --keep <folder>` and look at `checks` and the logs in the folder.',
  })
}

function print(report: DemoReport): void {
  const { adapters, answers, checks, claims, epoch, seconds, stakers } = report
  for (const { name, lossBefore, lossAfter, records } of adapters) {
    console.log(
      `adapter ${name.padEnd(12)} ${records} records, validation loss ${lossBefore.toFixed(3)} → ${lossAfter.toFixed(3)}`,
    )
  }
  console.log(`answers ${answers.length}, epoch ${epoch.number} with root ${epoch.root}`)
  console.log(`promised ${open(epoch.totalWei)} to ${epoch.leaves - 2} accounts, claimed by ${claims.length}`)
  console.log(`stakers of ${stakers.pools} adapters earned ${open(stakers.totalWei)}`)
  for (const [name, value] of Object.entries(checks)) console.log(`  ${value === false ? '✗' : '✓'} ${name}: ${value}`)
  console.log(
    Object.entries(seconds)
      .map(([stage, value]) => `${stage} ${value} s`)
      .join(', '),
  )
}

function open(wei: string): string {
  return `${Number(BigInt(wei) / 10n ** 12n) / 1e6} OPEN`
}
