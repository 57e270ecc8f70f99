import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePorts, query, Supervisor, startDatabase, startIndexNode } from '@openledger/cli/stack'

const START_MS = 30_000

/**
 * A part that is killed and started again, each time under a supervisor of its own: one that saw a process die starts no other.
 */
export class Killable {
  failedStarts = 0
  readonly #scratch: string
  readonly #start: (supervisor: Supervisor) => Promise<{ pid: number; url: string }>
  #running: { supervisor: Supervisor; pid: number; url: string } | undefined

  constructor(scratch: string, start: (supervisor: Supervisor) => Promise<{ pid: number; url: string }>) {
    this.#scratch = scratch
    this.#start = start
  }

  /** Tries again what does not come up: gnd deploys the subgraph anew at each start, and sometimes stumbles over the old one. */
  async start(): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const supervisor = await Supervisor.start(this.#scratch, { add: () => undefined, remove: () => undefined })
      const timer = setTimeout(() => supervisor.kill(), START_MS)
      try {
        this.#running = { supervisor, ...(await this.#start(supervisor)) }
        clearTimeout(timer)
        return
      } catch (error) {
        clearTimeout(timer)
        supervisor.kill()
        await supervisor.end()
        if (attempt === 5) throw error
        this.failedStarts += 1
      }
    }
  }

  get url(): string {
    return this.#running!.url
  }

  get isRunning(): boolean {
    return this.#running!.supervisor.processes.length > 0
  }

  /** Kills it without a warning, and waits until its own children are gone too. */
  async kill(): Promise<void> {
    const { pid, supervisor } = this.#running!
    const family = [pid, ...childrenOf(pid)]
    supervisor.kill()
    while (family.some(isAlive)) await sleep(20)
    await supervisor.end()
  }

  async stop(): Promise<void> {
    await this.#running?.supervisor.end()
  }
}

export function killableDatabase(scratch: string, port: number): Killable {
  return new Killable(scratch, async (supervisor) => {
    const { url, process } = await startDatabase(supervisor, join(scratch, 'database'), port)
    return { pid: process.pid, url }
  })
}

type From = Omit<Parameters<typeof startIndexNode>[1], 'ports' | 'block'>

/** @param from where it reads and writes; its ports are its own */
export async function killableIndex(scratch: string, from: From): Promise<Killable> {
  const ports = await freePorts()
  return new Killable(scratch, async (supervisor) => {
    const { url, process } = await startIndexNode(supervisor, { ...from, ports, block: 0 })
    return { pid: process.pid, url }
  })
}

export async function createDatabase(cluster: string, name: string): Promise<string> {
  await query(cluster, `CREATE DATABASE ${name}`)
  const url = new URL(cluster)
  url.pathname = `/${name}`
  return url.href
}

export function sleep(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms))
}

function childrenOf(pid: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((candidate) => parentOf(candidate) === pid)
}

function parentOf(pid: number): number | undefined {
  try {
    return Number(/\) \S (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1])
  } catch {
    return undefined
  }
}

/** A zombie is not: it waits for nothing but its parent's look. */
function isAlive(pid: number): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}
