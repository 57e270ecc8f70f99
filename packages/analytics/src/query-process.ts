import { type ChildProcess, fork } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { OpenLedgerError } from '@openledger/protocol'
import type { Answer, Opening, QueryRows } from './query-messages.ts'

/**
 * Asks questions of an analysis file that nobody writes to any more, in a process of its own: DuckDB is opened read only,
 * without files, network, extensions or settings, and the process ends when a question takes more time or memory than
 * allowed, for DuckDB itself looks at neither within a single expression.
 */
export class QueryProcess {
  readonly #options: QueryProcess.Options
  #child: Promise<ChildProcess> | undefined

  /** Starts nothing yet. @param options.file of an Analysis that was finished and closed */
  constructor(options: QueryProcess.Options) {
    this.#options = options
    bytesOf(options.memoryLimit)
  }

  /**
   * Rows of one read-only statement, at most `maxRows`. One question at a time.
   * @throws sql.refused, sql.failed, sql.timeout, sql.memory
   */
  async ask(sql: string): Promise<QueryRows> {
    const { timeoutMs, maxRows, memoryLimit } = this.#options
    this.#child ??= this.#start()
    const child = await this.#child
    const answer = await new Promise<Answer | 'timeout' | 'memory' | 'ended'>((resolve) => {
      // The child interrupts the question itself; where that does not help, it ends.
      const timer = setTimeout(() => settle('timeout'), timeoutMs + GRACE_MS)
      const watch = setInterval(() => {
        if (residentBytes(child.pid!) > bytesOf(memoryLimit) + BASE_BYTES) settle('memory')
      }, 25)
      const onMessage = (message: Answer) => settle(message)
      const onExit = () => settle('ended')
      const settle = (result: Answer | 'timeout' | 'memory' | 'ended') => {
        clearTimeout(timer)
        clearInterval(watch)
        child.off('message', onMessage)
        child.off('exit', onExit)
        if (typeof result === 'string') this.close()
        resolve(result)
      }
      child.on('message', onMessage)
      child.on('exit', onExit)
      child.send({ sql, timeoutMs, maxRows })
    })
    if (answer === 'timeout') throw tooLong(timeoutMs, sql)
    // A child that ended by itself was ended by the system, which does that to whoever takes all memory.
    if (answer === 'memory' || answer === 'ended') throw tooLarge(memoryLimit, sql)
    if (answer.kind === 'rows') return answer
    if (answer.kind === 'refused') throw refused(answer.reason, sql)
    const reason = answer.kind === 'failed' ? answer.reason : answer.kind
    if (/^INTERRUPT/.test(reason)) throw tooLong(timeoutMs, sql)
    if (/^Out of Memory|memory_limit|failed to (pin|allocate)/i.test(reason)) throw tooLarge(memoryLimit, sql)
    if (/read-only|disabled (by|through) configuration|has been locked/i.test(reason)) throw refused(reason, sql)
    throw failed(reason, sql)
  }

  /** Ends the process. A question afterwards starts another. */
  close(): void {
    const child = this.#child
    this.#child = undefined
    void child?.then((running) => running.kill('SIGKILL')).catch(() => {})
  }

  async #start(): Promise<ChildProcess> {
    const { file, memoryLimit, threads } = this.#options
    const opening: Opening = { file, memoryLimit, threads: threads ?? 2 }
    const child = fork(new URL('./query-child.ts', import.meta.url), [JSON.stringify(opening)], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      execArgv: [],
    })
    // Its channel closes with this process, but a question that nothing interrupts would not notice.
    const end = () => child.kill('SIGKILL')
    process.once('exit', end)
    child.once('exit', () => process.off('exit', end))
    let said = ''
    child.stderr!.on('data', (chunk) => (said = (said + chunk).slice(-2_000)))
    await new Promise<void>((resolve, reject) => {
      child.once('message', () => resolve())
      child.once('exit', () => {
        this.#child = undefined
        reject(failed(said.trim() || 'the database cannot be opened', ''))
      })
    })
    return child
  }
}

/** What Node and DuckDB take before any question. */
const BASE_BYTES = 384 * 1024 * 1024
const GRACE_MS = 1_000

/** Memory of a process; 0 where the system does not say it this way. */
function residentBytes(pid: number): number {
  try {
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1_024
  } catch {
    return 0
  }
}

/** @throws sql.limit_malformed */
export function bytesOf(limit: string): number {
  const [, amount, unit] = /^([1-9][0-9]{0,6})(MB|GB)$/.exec(limit) ?? []
  if (amount === undefined) {
    throw new OpenLedgerError('sql.limit_malformed', 'A memory limit is a whole number of MB or GB.', {
      facts: { limit: limit.slice(0, 40) },
      nextStep: 'Give it as 512MB or 2GB.',
    })
  }
  return Number(amount) * (unit === 'GB' ? 1_000_000_000 : 1_000_000)
}

function refused(reason: string, sql: string): OpenLedgerError {
  return new OpenLedgerError('sql.refused', 'Only one reading statement at a time is answered here.', {
    facts: { reason: firstLine(reason), sql: sql.slice(0, 200) },
    nextStep:
      'Ask with one SELECT (or FROM, WITH, DESCRIBE, SUMMARIZE, EXPLAIN); files, settings and writes are shut off.',
  })
}

function failed(reason: string, sql: string): OpenLedgerError {
  return new OpenLedgerError('sql.failed', 'DuckDB cannot answer this.', {
    facts: { reason: reason.slice(0, 600), sql: sql.slice(0, 200) },
    nextStep: 'Correct the SQL; `.tables` and `.views` list what there is, DESCRIBE a table’s columns.',
  })
}

function tooLong(timeoutMs: number, sql: string): OpenLedgerError {
  return new OpenLedgerError('sql.timeout', 'The query took too long and was stopped.', {
    facts: { timeoutMs, sql: sql.slice(0, 200) },
    nextStep: 'Filter or aggregate first, or raise --timeout.',
  })
}

function tooLarge(memoryLimit: string, sql: string): OpenLedgerError {
  return new OpenLedgerError('sql.memory', 'The query needed more memory than allowed and was stopped.', {
    facts: { memoryLimit, sql: sql.slice(0, 200) },
    nextStep: 'Filter or aggregate first, or raise --memory.',
  })
}

function firstLine(text: string): string {
  return text.split('\n')[0]!.slice(0, 300)
}

export declare namespace QueryProcess {
  type Options = {
    file: string
    /** DuckDB's bound, for example '512MB'; the process as a whole may take a little more. */
    memoryLimit: string
    timeoutMs: number
    maxRows: number
    threads?: number
  }
}
