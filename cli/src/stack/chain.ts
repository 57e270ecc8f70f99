import { existsSync, readFileSync } from 'node:fs'
import { open, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { DEMO_MNEMONIC } from '../demo/accounts.ts'
import { callRpc } from './json-rpc.ts'
import { anvilProgram } from './native-programs.ts'
import type { RunningProcess, Supervisor } from './supervisor.ts'
import { until } from './until.ts'

const CHAIN_ID = 31_337
const ACCOUNTS = 60
/** At most so much of a young chain is lost when it is killed: the index is then built again, see `recovery.ts`. */
const SAVE_EVERY_MS = 10_000
/** All blocks are saved each time, so an old chain is saved less often: saving takes this part of the time at most. */
const SAVE_TIME_SHARE = 0.05
const START_TIMEOUT_MS = 30_000

export type Chain = {
  process: RunningProcess
  url: string
  /** Stops the clock, saves all blocks and ends the process. The stack is being ended already. */
  stop(): Promise<void>
}

/**
 * Starts anvil where it stopped.
 *
 * Its blocks are saved twice: by us while it runs, whole or not at all, and by itself when it ends, which also happens when
 * the guard ends it. The newest file that can be read counts.
 */
export async function startChain(supervisor: Supervisor, directory: string, port: number): Promise<Chain> {
  const saved = newestState(directory)
  const process = await supervisor.run({
    name: 'anvil',
    command: anvilProgram(),
    parameters: [
      ...['--host', '127.0.0.1', '--port', String(port), '--chain-id', String(CHAIN_ID)],
      ...['--mnemonic', DEMO_MNEMONIC, '--accounts', String(ACCOUNTS), '--quiet'],
      // Transactions are mined at once, and a block a second comes anyway: graph-node shows what it read from a file with
      // the next block.
      ...['--block-time', '1', '--mixed-mining'],
      // The block that counts as final is two behind the newest, not 64: nothing reorganises this chain.
      ...['--slots-in-an-epoch', '1'],
      ...['--dump-state', exitFile(directory), '--cache-path', join(directory, 'cache')],
      ...(saved === undefined ? [] : ['--load-state', saved]),
    ],
    directory,
    stopSignal: 'SIGTERM',
    graceMs: 15_000,
    endsWith: 2, // after the index: it must not have seen a block that is not saved
    channel: false,
  })
  const url = `http://127.0.0.1:${port}`
  const waiting = { timeoutMs: START_TIMEOUT_MS, signal: supervisor.ending }
  await supervisor.during(until('The chain', waiting, () => callRpc<string>(url, 'eth_blockNumber')))

  let timer: NodeJS.Timeout
  let saving: Promise<void> = Promise.resolve()
  const saveSoon = (inMs: number) => {
    timer = setTimeout(() => {
      const startedMs = performance.now()
      saving = saveState(url, directory).catch(() => undefined) // the next one may succeed
      void saving.then(() => saveSoon(Math.max(SAVE_EVERY_MS, (performance.now() - startedMs) / SAVE_TIME_SHARE)))
    }, inMs)
    if (supervisor.ending.aborted) clearTimeout(timer)
  }
  saveSoon(SAVE_EVERY_MS)
  supervisor.ending.addEventListener('abort', () => clearTimeout(timer), { once: true })
  return {
    process,
    url,
    async stop() {
      await callRpc(url, 'evm_setIntervalMining', [0]).catch(() => undefined)
      await saving
      await saveState(url, directory).catch(() => undefined) // it saves itself as it ends, too
      await process.stop()
    },
  }
}

async function saveState(url: string, directory: string): Promise<void> {
  const packed = await callRpc<string>(url, 'anvil_dumpState')
  const state = await promisify(gunzip)(Buffer.from(packed.slice(2), 'hex'))
  const draft = `${stateFile(directory)}.draft`
  const file = await open(draft, 'w')
  try {
    await file.writeFile(state)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(draft, stateFile(directory))
}

/** The saved state with the most blocks; undefined where there is none, or none that can be read. */
export function newestState(directory: string): string | undefined {
  const found = [stateFile(directory), exitFile(directory)].flatMap((file) => {
    const height = heightOf(file)
    return height === undefined ? [] : [{ file, height }]
  })
  return found.sort((a, b) => b.height - a.height)[0]?.file
}

function heightOf(file: string): number | undefined {
  if (!existsSync(file)) return undefined
  try {
    const height = Number(JSON.parse(readFileSync(file, 'utf8')).best_block_number)
    return Number.isNaN(height) ? undefined : height
  } catch {
    return undefined // cut off while it was written
  }
}

const stateFile = (directory: string) => join(directory, 'state.json')
const exitFile = (directory: string) => join(directory, 'state-at-exit.json')
