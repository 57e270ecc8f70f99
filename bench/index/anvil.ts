import { join } from 'node:path'
import { anvilProgram, type RunningProcess, type Supervisor } from '@openledger/cli/stack'
import { ask, until } from './until.ts'

const MNEMONIC = 'test test test test test test test test test test test junk'
const START_TIMEOUT_MS = 60_000

/** One at a time. */
export async function startAnvil(
  supervisor: Supervisor,
  scratch: string,
  port: number,
  parameters: readonly string[],
): Promise<{ url: string; process: RunningProcess }> {
  const process = await supervisor.run({
    name: 'chain',
    command: anvilProgram(),
    parameters: [
      ...['--host', '127.0.0.1', '--port', String(port), '--chain-id', '31337', '--quiet', '--mnemonic', MNEMONIC],
      ...['--disable-block-gas-limit', '--order', 'fifo', '--no-request-size-limit'],
      ...['--cache-path', join(scratch, 'anvil'), ...parameters],
    ],
    directory: scratch,
    stopSignal: 'SIGTERM',
    graceMs: 60_000,
    endsWith: 2,
    channel: false,
  })
  const url = `http://127.0.0.1:${port}`
  await supervisor.during(until('The chain answers', START_TIMEOUT_MS, () => ask<string>(url, 'eth_blockNumber')))
  return { url, process }
}
