import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  anvilProgram,
  ensureContracts,
  openStateDirectory,
  type RunningProcess,
  type Supervisor,
} from '@openledger/cli/stack'
import { Deployment } from '@openledger/protocol'
import { run } from './mixture.ts'
import { Traffic } from './traffic.ts'
import { ask, until } from './until.ts'

const PROJECT = join(import.meta.dirname, '../..')
const CACHE = join(PROJECT, 'node_modules/.cache/openledger')
/** Roots open in the block after their proposal's; bonds are 1 OPEN. */
const TERMS = { bondOpen: 1, challengeWindow: 1, thawTime: 1 }
const MNEMONIC = 'test test test test test test test test test test test junk'
/** By place in that mnemonic, as the embedded stack gives them out. */
const [FOUNDER, ENGINE] = [
  '0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266',
  '0x9965507d1a55bcc2695c58ba16fb37d819b0a4dc',
] as const
const START_TIMEOUT_MS = 60_000

/** A chain with the events to index. */
export type Chain = { url: string; deployment: Deployment; head: number; process: RunningProcess }

/**
 * Starts a chain that holds what `mixture.ts` does, made in an earlier run or now. Its file is kept by the name of what made
 * it: the traffic, the contracts and how they are deployed.
 */
export async function startChain(supervisor: Supervisor, scratch: string, port: number): Promise<Chain> {
  const home = join(CACHE, `bench-index-${hashOfMakers()}`)
  const place = { state: join(home, 'chain.json'), deployment: join(home, 'deployment.json') }
  if (!existsSync(home)) await make(supervisor, scratch, port, home)
  const anvil = await startAnvil(supervisor, 'chain', port, scratch, ['--load-state', place.state, '--no-mining'])
  const deployment = Deployment.parse(JSON.parse(readFileSync(place.deployment, 'utf8')))
  return { ...anvil, deployment, head: Number(await ask<string>(anvil.url, 'eth_blockNumber')) }
}

export async function startAnvil(
  supervisor: Supervisor,
  name: string,
  port: number,
  scratch: string,
  parameters: readonly string[],
): Promise<{ url: string; process: RunningProcess }> {
  const process = await supervisor.run({
    name,
    command: anvilProgram(),
    parameters: [
      ...['--host', '127.0.0.1', '--port', String(port), '--chain-id', '31337', '--quiet', '--mnemonic', MNEMONIC],
      ...['--disable-block-gas-limit', '--order', 'fifo', '--no-request-size-limit', '--cache-path', join(scratch, 'anvil')],
      ...parameters,
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

async function make(supervisor: Supervisor, scratch: string, port: number, home: string): Promise<void> {
  process.stderr.write('index: making the chain; later runs take it from the cache\n')
  const startedMs = performance.now()
  const draft = `${home}.draft`
  for (const old of existsSync(CACHE) ? readdirSync(CACHE) : [])
    if (old.startsWith('bench-index-')) rmSync(join(CACHE, old), { recursive: true, force: true })
  mkdirSync(draft, { recursive: true })
  const state = openStateDirectory(join(scratch, 'deployment'))
  const file = join(draft, 'chain.json')
  const anvil = await startAnvil(supervisor, 'chain', port, scratch, ['--dump-state', file])
  const deployment = await ensureContracts(supervisor, state, anvil.url, TERMS)
  const traffic = await Traffic.start(anvil.url, deployment, { founder: FOUNDER, proposer: ENGINE, attester: ENGINE })
  await run(traffic)
  writeFileSync(join(draft, 'deployment.json'), JSON.stringify(deployment))
  await anvil.process.stop() // it writes its file as it ends
  if (!existsSync(file)) throw new Error('The chain did not write its file.')
  renameSync(draft, home)
  process.stderr.write(`index: the chain is made, ${Math.round((performance.now() - startedMs) / 1000)} s\n`)
}

function hashOfMakers(): string {
  const own = ['chain.ts', 'dice.ts', 'mixture.ts', 'traffic.ts'].map((file) => join(import.meta.dirname, file))
  const folders = ['contracts/compiled', 'contracts/ignition'].map((folder) => join(PROJECT, folder))
  const files = folders.flatMap((folder) => readdirSync(folder).map((file) => join(folder, file)))
  const hash = createHash('sha256')
  for (const file of [...own, ...files.filter((file) => /(?<!\.test)\.(ts|json)$/.test(file))].sort())
    hash.update(file.slice(PROJECT.length)).update('\0').update(readFileSync(file)).update('\0')
  return hash.digest('hex').slice(0, 16)
}
