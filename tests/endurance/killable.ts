import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePorts, query, Supervisor, startDatabase, startIndexNode } from '@openledger/cli/stack'

/**
 * Parts that are killed and started again, each under a supervisor of its own: a supervisor that saw one of its processes
 * die starts no other.
 */
type Made = { pid: number; supervisor: Supervisor; url: string }

export class Killable {
  readonly #start: () => Promise<Made>
  #running: Made | undefined

  constructor(start: () => Promise<Made>) {
    this.#start = start
  }

  async start(): Promise<void> {
    this.#running = await this.#start()
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
  return new Killable(async () => {
    const supervisor = await Supervisor.start(scratch, { add: () => undefined, remove: () => undefined })
    const { url, process } = await startDatabase(supervisor, join(scratch, 'database'), port)
    return { pid: process.pid, supervisor, url }
  })
}

type From = Omit<Parameters<typeof startIndexNode>[1], 'ports' | 'block'>

/** @param from where it reads and writes; its ports are its own */
export async function killableIndex(scratch: string, from: From): Promise<Killable> {
  const ports = await freePorts()
  return new Killable(async () => {
    const supervisor = await Supervisor.start(scratch, { add: () => undefined, remove: () => undefined })
    const { url, process } = await startIndexNode(supervisor, { ...from, ports, block: 0 })
    return { pid: process.pid, supervisor, url }
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
