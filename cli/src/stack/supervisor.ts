import { type ChildProcess, fork, spawn } from 'node:child_process'
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs'
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
  /** Its group at the end: 0 ends first, and a group only when the one before is gone. */
  endsWith: number
  /** Whether it speaks over IPC, as our own services do. */
  channel: boolean
  /** User and group to run as, where the system must change them. */
  user?: { uid: number; gid: number }
}

/** How something is run that ends by itself. It may be killed at any time. */
export type TaskPlan = Omit<ProcessPlan, 'stopSignal' | 'graceMs' | 'endsWith' | 'channel'>

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
  readonly #ending = new AbortController()

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
      if (!this.#ending.signal.aborted) this.#fail(ended('guard', signal ?? `exit ${code}`, logs))
    })
  }

  /** Waits for `task`, but no longer than until a process dies. */
  async during<T>(task: Promise<T>): Promise<T> {
    return Promise.race([task, this.failure])
  }

  /**
   * @param mayEnd whether its end is no failure
   * @throws stack.cannot_start when there is no such program, or it may not be run
   */
  async run(plan: ProcessPlan, mayEnd = false): Promise<RunningProcess> {
    if (this.#ending.signal.aborted) throw ended(plan.name, 'before it started', this.#logs)
    if (this.#running.has(plan.name)) throw new Error(`There is a process "${plan.name}" already.`)
    const logFile = join(this.#logs, `${plan.name}.log`)
    const log = openSync(logFile, 'a')
    const logStart = fstatSync(log).size
    const child = spawn(plan.command, plan.parameters, {
      cwd: plan.directory,
      env: plan.environment ?? process.env,
      detached: true,
      stdio: ['ignore', log, log, ...(plan.channel ? (['ipc'] as const) : [])],
      ...plan.user,
    })
    closeSync(log)
    if (child.pid === undefined) throw await cannotStart(plan, child)
    const { stopSignal: signal, graceMs, endsWith } = plan
    this.#tell({ kind: 'watch', pid: child.pid, signal, graceMs, endsWith })
    this.#list.add(identify(child.pid))

    const running = new RunningProcess(plan, child, logFile, logStart)
    this.#running.set(plan.name, running)
    void running.exit.then((how) => {
      this.#running.delete(plan.name)
      this.#tell({ kind: 'forget', pid: child.pid! })
      if (!this.#ending.signal.aborted) this.#list.remove(child.pid!)
      if (!running.isStopping && !mayEnd) this.#fail(running.refusal ?? ended(plan.name, how, this.#logs))
    })
    return running
  }

  /**
   * Runs something that ends by itself, with the same guarantees.
   * @returns how it ended, `exit 0` if well, and what it printed
   */
  async complete(plan: TaskPlan): Promise<{ how: string; said: string }> {
    const whole = { ...plan, stopSignal: 'SIGKILL', graceMs: 1_000, endsWith: 0, channel: false } as const
    const running = await this.run(whole, true)
    const how = await running.exit
    return { how, said: running.said() }
  }

  /** Aborted as soon as the stack is being ended. */
  get ending(): AbortSignal {
    return this.#ending.signal
  }

  /** Lets whatever waits for the stack fail with `error`. */
  fail(error: OpenLedgerError): void {
    this.#fail(error)
  }

  /** The processes that run now, by name. */
  get processes(): readonly { name: string; pid: number }[] {
    return [...this.#running.values()].map(({ plan, pid }) => ({ name: plan.name, pid }))
  }

  /** Ends the groups up to `last`, one after the other. What they leave running goes on. */
  async endUpTo(last: number): Promise<void> {
    this.#ending.abort()
    for (;;) {
      const left = [...this.#running.values()].filter(({ plan }) => plan.endsWith <= last)
      if (left.length === 0) return
      const first = Math.min(...left.map(({ plan }) => plan.endsWith))
      await Promise.all(left.filter(({ plan }) => plan.endsWith === first).map((running) => running.stop()))
    }
  }

  /** Ends all processes, then the guard. */
  async end(): Promise<void> {
    await this.endUpTo(Number.POSITIVE_INFINITY)
    if (this.#guard.exitCode !== null || this.#guard.signalCode !== null) return
    const gone = new Promise((done) => this.#guard.once('exit', done))
    this.#guard.disconnect()
    await gone
  }

  /** Kills what still runs. For a person who does not want to wait. */
  kill(): void {
    this.#ending.abort()
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
  readonly #logStart: number
  #isStopping = false
  #refusal: OpenLedgerError | undefined

  constructor(plan: ProcessPlan, child: ChildProcess, logFile: string, logStart: number) {
    this.plan = plan
    this.pid = child.pid!
    this.logFile = logFile
    this.#child = child
    this.#logStart = logStart
    child.on('message', (message: { kind?: string; error?: Partial<OpenLedgerError.Report> }) => {
      if (message.kind === 'failed') this.#refusal = refused(plan.name, message.error ?? {})
    })
    this.exit = new Promise((resolve) => {
      // `close` and `disconnect` come after the last message, `exit` may come before it.
      const resolveAfter = (code: number | null, signal: string | null) => {
        const end = () => resolve(signal ?? `exit ${code}`)
        if (child.connected) child.once('disconnect', end)
        else end()
      }
      child.once('exit', resolveAfter)
    })
  }

  /** Why it could not start, in its own words. */
  get refusal(): OpenLedgerError | undefined {
    return this.#refusal
  }

  /** What it has printed so far. */
  said(): string {
    return readFileSync(this.logFile).subarray(this.#logStart).toString('utf8')
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

function refused(name: string, report: Partial<OpenLedgerError.Report>): OpenLedgerError {
  return new OpenLedgerError(report.code ?? 'stack.process_failed', report.message ?? 'A process could not start.', {
    facts: { process: name, ...report.facts },
    nextStep: report.nextStep ?? `Read logs/${name}.log in the state directory.`,
    retryable: report.retryable ?? false,
  })
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
