import { randomUUID } from 'node:crypto'
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { OpenLedgerError } from '@openledger/protocol'
import { identify, isRunning, type ProcessIdentity } from './process-identity.ts'

/** Less than this and the database would fail in the middle of something. */
const MIN_FREE_BYTES = 1024 * 1024 * 1024

/** Where each part of a stack keeps what must outlive it. */
export type StateDirectory = {
  root: string
  /** The chain's blocks, as JSON. */
  chain: string
  /** Postgres' cluster. Everything in it can be computed again from the chain and the content. */
  database: string
  /** The built subgraph with this deployment's addresses. */
  subgraph: string
  /** Ignition's journal. */
  deploymentJournal: string
  deploymentFile: string
  /** One file per process. */
  logs: string
  lock: string
}

/** The places in a state directory. Looks at nothing and makes nothing. */
export function statePaths(root: string): StateDirectory {
  return {
    root,
    chain: join(root, 'chain'),
    database: join(root, 'database'),
    subgraph: join(root, 'subgraph'),
    deploymentJournal: join(root, 'deployment'),
    deploymentFile: join(root, 'deployment.json'),
    logs: join(root, 'logs'),
    lock: join(root, 'lock'),
  }
}

/**
 * Makes the directory ready to start a stack in.
 * @throws state.not_writable, state.no_space
 */
export function openStateDirectory(root: string): StateDirectory {
  const state = statePaths(root)
  try {
    for (const path of [root, state.chain, state.subgraph, state.logs]) mkdirSync(path, { recursive: true })
    const probe = join(root, `.probe-${randomUUID()}`)
    writeFileSync(probe, '')
    rmSync(probe)
  } catch (cause) {
    throw new OpenLedgerError('state.not_writable', 'The state directory cannot be written.', {
      facts: { directory: root, reason: (cause as NodeJS.ErrnoException).code ?? String(cause) },
      nextStep: 'Choose another with --state or OPENLEDGER_STATE, or give yourself the right to write there.',
      cause,
    })
  }
  requireSpace(root)
  return state
}

/** @throws state.no_space */
export function requireSpace(directory: string, freeBytes = freeBytesOf(directory)): void {
  if (freeBytes >= MIN_FREE_BYTES) return
  throw new OpenLedgerError('state.no_space', 'There is too little space on the disk of the state directory.', {
    facts: { directory, freeMiB: Math.floor(freeBytes / 2 ** 20), neededMiB: MIN_FREE_BYTES / 2 ** 20 },
    nextStep: 'Free some space, or choose a directory on another disk with --state or OPENLEDGER_STATE.',
  })
}

function freeBytesOf(directory: string): number {
  const { bavail, bsize } = statfsSync(directory)
  return bavail * bsize
}

/** Who holds a state directory, and which processes must be gone before somebody else may. */
export type LockContent = { supervisor: ProcessIdentity; processes: ProcessIdentity[] }

/** A state directory belongs to one supervisor at a time. */
export class StateLock {
  readonly #path: string
  readonly #content: LockContent

  /**
   * Takes the lock; one that a dead supervisor left is taken over, with the list of its processes: its guard first.
   * @throws state.locked with the pid of who has it
   */
  static take(path: string): { lock: StateLock; leftBehind: ProcessIdentity[] } {
    const lock = new StateLock(path, { supervisor: identify(process.pid), processes: [] })
    const left = readLock(path)
    if (left !== undefined) {
      if (isRunning(left.supervisor)) throw locked(path, left.supervisor.pid)
      removeStale(path, left)
    }
    try {
      lock.#create()
    } catch (cause) {
      throw locked(path, readLock(path)?.supervisor.pid ?? 0, cause)
    }
    return { lock, leftBehind: left?.processes ?? [] }
  }

  private constructor(path: string, content: LockContent) {
    this.#path = path
    this.#content = content
  }

  /** Remembers a process, so that whoever takes the lock over can see that it is gone. */
  add(process: ProcessIdentity): void {
    this.#content.processes.push(process)
    this.#replace()
  }

  remove(pid: number): void {
    this.#content.processes = this.#content.processes.filter((process) => process.pid !== pid)
    this.#replace()
  }

  release(): void {
    rmSync(this.#path, { force: true })
  }

  /** The file appears with its content or not at all, and never over another. */
  #create(): void {
    const draft = this.#draft()
    linkSync(draft, this.#path)
    rmSync(draft)
  }

  #replace(): void {
    renameSync(this.#draft(), this.#path)
  }

  #draft(): string {
    const draft = `${this.#path}.${randomUUID()}`
    writeFileSync(draft, `${JSON.stringify(this.#content)}\n`)
    return draft
  }
}

/** Who holds the state now; undefined when nobody does. */
export function holderOf(path: string): ProcessIdentity | undefined {
  const holder = readLock(path)?.supervisor
  return holder !== undefined && isRunning(holder) ? holder : undefined
}

function readLock(path: string): LockContent | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as LockContent
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    // Unreadable: whoever wrote it was cut off before it started anything.
    return { supervisor: { pid: 0, startedAt: 'never' }, processes: [] }
  }
}

/** Of several that find the same stale lock, one moves it away; another that moved a new one instead puts it back. */
function removeStale(path: string, stale: LockContent): void {
  const aside = `${path}.stale-${randomUUID()}`
  try {
    renameSync(path, aside)
  } catch {
    return // somebody was faster: creating the lock will tell
  }
  const moved = readLock(aside)
  if (JSON.stringify(moved) !== JSON.stringify(stale)) linkSync(aside, path)
  rmSync(aside, { force: true })
}

function locked(path: string, pid: number, cause?: unknown): OpenLedgerError {
  return new OpenLedgerError('state.locked', 'Another OpenLedger stack runs on this state.', {
    facts: { pid, lock: path },
    nextStep: `Use the one that runs, end it with \`kill ${pid}\`, or start another with --state <directory> --port-offset 100.`,
    cause,
  })
}
