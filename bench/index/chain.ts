import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { RunningProcess, Supervisor } from '@openledger/cli/stack'
import { Deployment } from '@openledger/protocol'
import { startAnvil } from './anvil.ts'
import { makeChain } from './make-chain.ts'
import { ask } from './until.ts'

const PROJECT = join(import.meta.dirname, '../..')
const CACHE = join(PROJECT, 'node_modules/.cache/openledger')

/** A chain with the events to index. */
export type Chain = { url: string; deployment: Deployment; head: number; process: RunningProcess }

/**
 * Starts a chain that holds what `mixture.ts` does, made in an earlier run or now. Its file is kept by the name of what made
 * it: the traffic, the contracts and how they are deployed.
 */
export async function startChain(supervisor: Supervisor, scratch: string, port: number): Promise<Chain> {
  const home = join(CACHE, `bench-index-${hashOfMakers()}`)
  if (!existsSync(home)) await fillCache(supervisor, scratch, port, home)
  const anvil = await startAnvil(supervisor, scratch, port, ['--load-state', join(home, 'chain.json'), '--no-mining'])
  const deployment = Deployment.parse(JSON.parse(readFileSync(join(home, 'deployment.json'), 'utf8')))
  return { ...anvil, deployment, head: Number(await ask<string>(anvil.url, 'eth_blockNumber')) }
}

/** The folder appears with all its files or not at all; chains that others made are removed: they are big. */
async function fillCache(supervisor: Supervisor, scratch: string, port: number, home: string): Promise<void> {
  for (const old of existsSync(CACHE) ? readdirSync(CACHE) : [])
    if (old.startsWith('bench-index-')) rmSync(join(CACHE, old), { recursive: true, force: true })
  const draft = `${home}.draft`
  mkdirSync(draft, { recursive: true })
  await makeChain(supervisor, scratch, port, draft)
  renameSync(draft, home)
}

function hashOfMakers(): string {
  const own = ['dice.ts', 'make-chain.ts', 'mixture.ts', 'traffic.ts'].map((file) => join(import.meta.dirname, file))
  const folders = ['contracts/compiled', 'contracts/ignition'].map((folder) => join(PROJECT, folder))
  const files = folders.flatMap((folder) => readdirSync(folder).map((file) => join(folder, file)))
  const hash = createHash('sha256')
  for (const file of [...own, ...files.filter((file) => /(?<!\.test)\.(ts|json)$/.test(file))].sort())
    hash.update(file.slice(PROJECT.length)).update('\0').update(readFileSync(file)).update('\0')
  return hash.digest('hex').slice(0, 16)
}
