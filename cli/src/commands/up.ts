import { HttpContentStore } from '@openledger/content-store'
import { OpenLedgerError } from '@openledger/protocol'
import { Command } from 'commander'
import { Listr, ListrLogger, ProcessOutput } from 'listr2'
import { type SeedTarget, seedAdapters, seedRecords } from '../demo/seed.ts'
import type { SettingName } from '../settings.ts'
import { STEPS, type Stack, type Step, startStack } from '../stack/stack.ts'
import { PROJECT } from '../stack/subgraph-build.ts'
import { until } from '../stack/until.ts'
import { settingsOf, withSettings } from './setting-flags.ts'

type Flags = Partial<Record<SettingName, string>> & { seed: boolean }

const SERVING_TIMEOUT_MS = 60_000

/** `openledger up`: everything on this machine, in the foreground, until Ctrl-C. */
export function upCommand(): Command {
  const command = new Command('up')
    .description('start everything on this machine, seed the demo, and stay until Ctrl-C')
    .option('--no-seed', 'start with what is there, and add nothing')
    .action(async (flags: Flags) => {
      const interrupted = new AbortController()
      const stack = await startWithProgress(flags, interrupted)
      await stayUp(stack, flags.seed, interrupted.signal)
    })
  return withSettings(command)
}

async function startWithProgress(flags: Flags, interrupted: AbortController): Promise<Stack> {
  const settings = await settingsOf(flags)
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => interrupted.abort())
  const progress = new Progress()
  const starting = startStack({
    settings,
    signal: interrupted.signal,
    onStep: (step, detail) => progress.done(step, detail),
  })
  starting.catch((error) => progress.fail(error))
  // What went wrong is told once, by whoever called us; here it only ends the list.
  await progress.show().catch(() => undefined)
  return starting
}

/** Seeds, shows where everything is, and waits for Ctrl-C or for a process to die. */
async function stayUp(stack: Stack, isSeeding: boolean, interrupted: AbortSignal): Promise<void> {
  const asked = new Promise<'asked'>((resolve) => {
    if (interrupted.aborted) resolve('asked')
    interrupted.addEventListener('abort', () => resolve('asked'), { once: true })
  })
  try {
    if (isSeeding) await Promise.race([seed(stack, interrupted), stack.failure, asked])
    if (!interrupted.aborted) process.stdout.write(describeStack(stack))
    await Promise.race([stack.failure, asked])
    process.stderr.write('\nEnding. The state is kept; Ctrl-C again ends at once.\n')
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stack.kill())
    await stack.stop()
  }
}

/** Records and the base model now; adapters, which take minutes to train, while the stack already serves. */
async function seed(stack: Stack, interrupted: AbortSignal): Promise<void> {
  const target: SeedTarget = {
    root: PROJECT,
    deployment: stack.deployment,
    contentStore: new HttpContentStore(stack.urls.content),
    rpcUrl: stack.urls.chain,
    subgraphUrl: stack.urls.subgraph,
  }
  const seeded = await seedRecords(target)
  // The node follows the chain at its own pace; who reads "ready" may ask it at once.
  await until('inference node', { timeoutMs: SERVING_TIMEOUT_MS, signal: interrupted }, async () => {
    const { ok } = await fetch(`${stack.urls.inference}/readyz`)
    return ok || undefined
  })
  seedAdapters(target, seeded, ({ name }) => process.stderr.write(`Adapter "${name}" is trained and served.\n`)).catch(
    (error: unknown) => {
      if (stack.isEnding) return // it was cut off, as everything is
      process.stderr.write(`\nAn adapter could not be trained; the rest goes on.\n${textOf(error)}\n`)
    },
  )
}

function describeStack(stack: Stack): string {
  const { urls, accounts, state } = stack
  const places = [
    ['Dashboard, GraphQL, uploads', urls.api],
    ['Completions (OpenAI API)', `${urls.inference}/v1`],
    ['Attribution engine', urls.engine],
    ['Model factory', urls.factory],
    ['Subgraph (GraphQL, listens on every interface)', urls.subgraph],
    ['Content by CID', `${urls.content}/ipfs/<cid>`],
    ['Chain (JSON-RPC)', urls.chain],
    ['State and logs', state.root],
  ]
  const shown = accounts.filter(({ role }) => !role.startsWith('contributor'))
  const rows = [
    '',
    'OpenLedger is ready.',
    '',
    ...places.map(([what, where]) => `  ${what!.padEnd(47)} ${where}`),
    '',
    'Accounts of this chain. Their keys are known to everybody: never use them elsewhere.',
    '',
    ...shown.map(({ role, address, privateKey }) => `  ${role.padEnd(10)} ${address}  ${privateKey}`),
    `  and ${accounts.length - shown.length} contributors from the same mnemonic.`,
    '',
    'Ctrl-C ends it; the next start goes on where it stopped.',
    '',
  ]
  return `${rows.join('\n')}\n`
}

const TITLES: Record<Step, string> = {
  state: 'State directory',
  content: 'Content store',
  chain: 'Chain',
  contracts: 'Contracts',
  database: 'Database',
  subgraph: 'Subgraph',
  dashboard: 'Dashboard',
  index: 'Index',
  services: 'Services',
}

/** The list of steps on stderr: live in a terminal, line by line elsewhere. */
class Progress {
  readonly #steps = new Map(STEPS.map((step) => [step, Promise.withResolvers<string>()]))
  readonly #isDone = new Set<Step>()

  done(step: Step, detail: string): void {
    this.#isDone.add(step)
    this.#steps.get(step)!.resolve(detail)
  }

  /** Shown once, at the first step that is not done. The others stay open: that ends the list as well. */
  fail(error: unknown): void {
    for (const [step, { reject }] of this.#steps) {
      if (this.#isDone.has(step)) continue
      reject(error)
      return
    }
  }

  async show(): Promise<void> {
    const tasks = STEPS.map((step) => ({
      title: TITLES[step],
      task: async (_: unknown, task: { title: string }) => {
        const detail = await this.#steps.get(step)!.promise
        task.title = `${TITLES[step]}: ${detail}`
      },
    }))
    const logger = new ListrLogger({ processOutput: new ProcessOutput(process.stderr, process.stderr) })
    await new Listr(tasks, {
      concurrent: true,
      exitOnError: true,
      registerSignalListeners: false,
      rendererOptions: { logger, showErrorMessage: false },
      fallbackRendererOptions: { logger },
      fallbackRendererCondition: () => !process.stderr.isTTY,
    }).run()
  }
}

function textOf(error: unknown): string {
  return error instanceof OpenLedgerError ? error.toText() : String(error)
}
