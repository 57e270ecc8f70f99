import { type ChildProcess, fork, spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { OpenLedgerError } from '@openledger/protocol'
import type { GuardMessage } from './guard-process.ts'
import { identify, type ProcessIdentity } from './process-identity.ts'

/** How a process of the stack is run. */
export type ProcessPlan = {
  /** Shown to people, and the name of its log. */
  name: string
  command: string
  parameters: readonly string[]
  environment?: NodeJS.ProcessEnv
  directory?: string
  /** Its polite way to end. */
  stopSignal: NodeJS.Signals
  /** After this it is killed. */
  graceMs: number
  /** Whether it speaks over IPC, as our own services do. */
  channel: boolean
  /** User and group to run as, where the system must change them. */
  user?: { uid: number; gid: number }
}

/** What the supervisor tells about processes to whoever keeps a list of them. */
export type ProcessList = { add(process: ProcessIdentity): void; remove(pid: number): void }

/**
 * Starts processes, sees that none of them dies unnoticed, and ends all of them: in order when asked, and by the guard
 * when the supervisor itself is killed. Each runs in a process group of its own, so that Ctrl-C in a terminal reaches only
 * the supervisor; output goes straight to a file, so that nothing breaks when the supervisor is gone.
 */
export class Supervisor {
  /** Rejects when a process ends that nobody asked to end. Never resolves. */
  readonly failure: Promise<never>
  readonly #logs: string
  readonly #list: ProcessList
  readonly #guard: ChildProcess
  readonly #running = new Map<string, RunningProcess>()
  #fail!: (error: OpenLedgerError) => void
  #isEnding = false

  /** @param logs directory of the processes' output */
  static async start(logs: string, list: ProcessList): Promise<Supervisor> {
    const guard = fork(join(import.meta.dirname, 'guard-process.ts'), [], {
      detached: true,
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      execArgv: [],
    })
    await new Promise<void>((resolve, reject) => {
      guard.once('message', () => resolve())
      guard.once('error', reject)
      guard.once('exit', () => reject(ended('guard', 'at its start', logs)))
    })
    return new Supervisor(logs, list, guard)
  }

  private constructor(logs: string, list: ProcessList, guard: ChildProcess) {
    this.#logs = logs
    this.#list = list
    this.#guard = guard
    this.failure = new Promise((_, reject) => {
      this.#fail = reject
    })
    // Whoever waits sees it; that nobody waits just now is no fault of its own.
    this.failure.catch(() => undefined)
    list.add(identify(guard.pid!))
    guard.once('exit', (code, signal) => {
      if (!this.#isEnding) this.#fail(ended('guard', signal ?? `exit ${code}`, logs))
    })
  }

  /** Waits for `task`, but no longer than until a process dies. */
  async during<T>(task: Promise<T>): Promise<T> {
    return Promise.race([task, this.failure])
  }

  /** @throws stack.cannot_start when there is no such program, or it may not be run */
  async run(plan: ProcessPlan): Promise<RunningProcess> {
    if (this.#isEnding) throw ended(plan.name, 'before it started', this.#logs)
    const logFile = join(this.#logs, `${plan.name}.log`)
    const log = openSync(logFile, 'a')
    const child = spawn(plan.command, plan.parameters, {
      cwd: plan.directory,
      env: plan.environment ?? process.env,
      detached: true,
      stdio: ['ignore', log, log, ...(plan.channel ? (['ipc'] as const) : [])],
      ...plan.user,
    })
    closeSync(log)
    if (child.pid === undefined) throw await cannotStart(plan, child)
    this.#tell({ kind: 'watch', pid: child.pid, signal: plan.stopSignal, graceMs: plan.graceMs })
    this.#list.add(identify(child.pid))

    const running = new RunningProcess(plan, child, logFile)
    this.#running.set(plan.name, running)
    void running.exit.then((how) => {
      this.#running.delete(plan.name)
      this.#tell({ kind: 'forget', pid: child.pid! })
      if (!this.#isEnding) this.#list.remove(child.pid!)
      if (!running.isStopping) this.#fail(ended(plan.name, how, this.#logs))
    })
    return running
  }

  /** The processes that run now, by name. */
  get processes(): readonly { name: string; pid: number }[] {
    return [...this.#running.values()].map(({ plan, pid }) => ({ name: plan.name, pid }))
  }

  /** Ends all processes: each group of names after the one before, what is not named at the end. */
  async end(order: readonly (readonly string[])[] = []): Promise<void> {
    this.#isEnding = true
    for (const names of [...order, [...this.#running.keys()]]) {
      await Promise.all(names.map((name) => this.#running.get(name)?.stop()))
    }
    const gone = new Promise((done) => this.#guard.once('exit', done))
    if (this.#guard.exitCode !== null || this.#guard.signalCode !== null) return
    this.#guard.disconnect()
    await gone
  }

  /** Kills what still runs. For a person who does not want to wait. */
  kill(): void {
    this.#isEnding = true
    for (const running of this.#running.values()) running.kill()
  }

  #tell(message: GuardMessage): void {
    // A guard that is gone is a failure of its own; sending to it must not be another.
    if (this.#guard.connected) this.#guard.send(message, () => undefined)
  }
}

/** One process that the supervisor started. */
export class RunningProcess {
  readonly plan: ProcessPlan
  readonly pid: number
  readonly logFile: string
  /** Resolves with how it ended: a signal's name or `exit <code>`. */
  readonly exit: Promise<string>
  readonly #child: ChildProcess
  #isStopping = false

  constructor(plan: ProcessPlan, child: ChildProcess, logFile: string) {
    this.plan = plan
    this.pid = child.pid!
    this.logFile = logFile
    this.#child = child
    this.exit = new Promise((resolve) => {
      child.once('exit', (code, signal) => resolve(signal ?? `exit ${code}`))
    })
  }

  get isStopping(): boolean {
    return this.#isStopping
  }

  /** Calls `listener` with every message of a process that speaks over IPC. */
  onMessage(listener: (message: unknown) => void): void {
    this.#child.on('message', listener)
  }

  /** Ends it: politely, after its grace not. */
  async stop(): Promise<void> {
    this.#isStopping = true
    this.#child.kill(this.plan.stopSignal)
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), this.plan.graceMs)
    await this.exit
    clearTimeout(timer)
  }

  kill(): void {
    this.#isStopping = true
    this.#child.kill('SIGKILL')
  }
}

function ended(name: string, how: string, logs: string): OpenLedgerError {
  const log = join(logs, `${name}.log`)
  return new OpenLedgerError('stack.process_ended', `The process "${name}" ended unexpectedly.`, {
    facts: { process: name, how, log, 'last line': lastLine(log) },
    nextStep: 'Read the log; then start again: the state is kept, and the next start goes on from it.',
    retryable: true,
  })
}

function lastLine(file: string): string {
  try {
    return readFileSync(file, 'utf8').trimEnd().split('\n').at(-1)!.slice(0, 400)
  } catch {
    return ''
  }
}

async function cannotStart(plan: ProcessPlan, child: ChildProcess): Promise<OpenLedgerError> {
  const cause = await new Promise<NodeJS.ErrnoException>((resolve) => child.once('error', resolve))
  return new OpenLedgerError('stack.cannot_start', `The process "${plan.name}" cannot be started.`, {
    facts: { command: plan.command, reason: cause.code ?? cause.message },
    nextStep: 'Run `npm run doctor`: it says what is missing on this machine.',
    cause,
  })
}
