/**
 * The index on a bad day: a real chain whose blocks vanish, 1 to 32 at a time, while people use it and graph-node, Postgres
 * and the lineage store are killed without a warning. At the end the subgraph and both mirrors, the one by GraphQL and the
 * one from Postgres, must equal, row by row, what a fresh graph-node and fresh mirrors make of the chain as it then is.
 *
 *   node tests/endurance/main.ts                          5 reorganisations and 3 kills, about a minute
 *   node tests/endurance/main.ts --reorgs 50 --kills 30   as `npm run nightly:index`
 *   node tests/endurance/main.ts --seed 7                 the choices of an earlier run; their timing is not repeated
 */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import {
  compileMappings,
  ensureContracts,
  freePorts,
  openStateDirectory,
  query,
  Supervisor,
  startChain,
  writeSubgraph,
} from '@openledger/cli/stack'
import { DiskContentStore, startContentServer } from '@openledger/content-store'
import { JsonRpcProvider } from 'ethers'
import { differences, entitiesFromFiles, mirrorContent, rowCount, subgraphContent } from './compare.ts'
import { Economy } from './economy.ts'
import { createDatabase, type Killable, killableDatabase, killableIndex, sleep } from './killable.ts'
import { type MirrorPlan, MirrorProcess, openMirror } from './mirror.ts'
import { seededRandom } from './random.ts'
import { RememberingNode } from './remembering-node.ts'

const { values } = parseArgs({
  options: {
    reorgs: { type: 'string', default: '5' },
    kills: { type: 'string', default: '3' },
    depth: { type: 'string', default: '32' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    keep: { type: 'boolean', default: false },
  },
})
const [reorgs, kills, maxDepth, seed] = [values.reorgs, values.kills, values.depth, values.seed].map(Number) as [
  number,
  number,
  number,
  number,
]
const CATCH_UP_MS = 120_000
/** After this long without progress, graph-node is started again, as whoever runs it would. */
const STUCK_MS = 20_000

const random = seededRandom(seed)
const scratch = mkdtempSync(join(tmpdir(), 'openledger-endurance-'))
chmodSync(scratch, 0o755) // Postgres may have to run as another user
const startedMs = performance.now()
const say = (text: string) =>
  console.log(`${((performance.now() - startedMs) / 1000).toFixed(1).padStart(6)} s  ${text}`)
say(`seed ${seed}: ${reorgs} reorganisations of 1 to ${maxDepth} blocks, ${kills} kills`)

const supervisor = await Supervisor.start(scratch, { add: () => undefined, remove: () => undefined })
const state = openStateDirectory(join(scratch, 'live'))
const ports = await freePorts()
const store = new DiskContentStore(join(state.root, 'content'))
const database = killableDatabase(scratch, ports.databasePort)
const toEnd: { stop(): Promise<void> }[] = []
const mirrors: MirrorProcess[] = []
let failed = 0
try {
  const [module, chain, content] = await Promise.all([
    compileMappings(supervisor),
    startChain(supervisor, state.chain, ports.chainPort),
    startContentServer(store, { port: ports.contentPort }),
    database.start(),
  ])
  const provider = new JsonRpcProvider(chain.url, undefined, { staticNetwork: true, cacheTimeout: -1 })
  toEnd.push({ stop: async () => provider.destroy() }, { stop: () => content.close() })
  const deployment = await ensureContracts(supervisor, state, chain.url, {
    bondOpen: 1,
    challengeWindow: 1,
    thawTime: 1,
  })
  const economy = new Economy(deployment, provider, store, random)
  await economy.begin()
  await provider.send('anvil_mine', [`0x${(maxDepth + 8).toString(16)}`, '0x1'])
  const manifest = writeSubgraph(module, state.subgraph, deployment)
  const databaseUrl = await createDatabase(database.url, 'shaken')
  const node = await RememberingNode.start(chain.url, provider)
  toEnd.push(node)
  const place = { manifest, chainUrl: node.url, contentUrl: content.url }
  if (values.keep) say(`${scratch} ${databaseUrl}`)
  const index = await killableIndex(scratch, { ...place, databaseUrl })
  toEnd.unshift(index)
  await index.start()
  const planned = { databaseUrl, subgraphUrl: index.url, rpcUrl: chain.url }
  for (const kind of ['Postgres', 'GraphQL'] as const)
    mirrors.push(new MirrorProcess({ ...planned, kind, file: join(scratch, `${kind}.duckdb`) }))
  say('all parts run')

  await shake(economy, provider, node, index)
  await provider.send('evm_setIntervalMining', [0])
  const head = await settled(provider, index, databaseUrl)
  await Promise.all(mirrors.map((mirror) => mirroredTo(mirror, head)))
  for (const mirror of mirrors) await mirror.kill()
  say(`quiet at block ${head}`)

  const freshUrl = await createDatabase(database.url, 'fresh')
  const fresh = await killableIndex(scratch, { ...place, databaseUrl: freshUrl })
  await index.stop() // the fresh one needs the processor, and nothing changes any more
  await fresh.start()
  toEnd.unshift(fresh)
  const freshHead = await settled(provider, fresh, freshUrl)
  say(`indexed afresh up to block ${freshHead}`)

  report('subgraph', await subgraphContent(databaseUrl), await subgraphContent(freshUrl))
  const fromFiles = await entitiesFromFiles(freshUrl)
  for (const { plan } of mirrors) {
    const from = { ...plan, databaseUrl: freshUrl, subgraphUrl: fresh.url, file: ':memory:' }
    report(`mirror from ${plan.kind}`, await contentOf(plan, fromFiles), await contentOf(from, fromFiles, head))
  }
} catch (error) {
  failed += 1
  console.log(error)
} finally {
  for (const mirror of mirrors) await mirror.kill()
  for (const part of toEnd) await part.stop()
  await database.stop()
  await supervisor.end()
  if (!values.keep) rmSync(scratch, { recursive: true, force: true })
}
console.log(`index under reorganisations and kills: ${3 - Math.min(3, failed)} passed, ${failed} failed`)
process.exit(failed > 0 ? 1 : 0)

/** Reorganisations and kills in a random order, with people at work all the time. */
async function shake(
  economy: Economy,
  provider: JsonRpcProvider,
  node: RememberingNode,
  index: Killable,
): Promise<void> {
  const events = [...Array(reorgs).fill('reorg'), ...Array(kills).fill('kill')] as ('reorg' | 'kill')[]
  let isKillingWhat = random.below(3)
  while (events.length > 0) {
    const [event] = events.splice(random.below(events.length), 1)
    const taken = await economy.act(3 + random.below(8))
    // Sometimes the index has seen it all, sometimes it is in the middle of it.
    if (random.below(2) === 0) await caughtUp(provider, index)
    else await sleep(random.below(600))
    if (event === 'reorg') {
      const depth = 1 + random.below(maxDepth)
      const before = await provider.getBlockNumber()
      await node.reorganise(depth)
      await economy.act(1 + random.below(3))
      say(`block ${before}: ${taken} transactions, then the newest ${depth} blocks vanished`)
      await provider.send('anvil_mine', ['0x1'])
    } else {
      const victim = (['graph-node', 'Postgres', 'the mirrors'] as const)[isKillingWhat++ % 3]!
      say(`block ${await provider.getBlockNumber()}: ${taken} transactions, then ${victim} killed`)
      await kill(victim, index)
    }
  }
}

async function kill(victim: 'graph-node' | 'Postgres' | 'the mirrors', index: Killable): Promise<void> {
  if (victim === 'the mirrors') {
    for (const mirror of mirrors) {
      await sleep(random.below(300))
      await mirror.kill()
      mirror.start()
    }
  } else if (victim === 'graph-node') {
    await index.kill()
    await index.start()
  } else {
    await database.kill()
    await database.start()
  }
}

/** Waits until the index has the chain's newest block. */
async function caughtUp(provider: JsonRpcProvider, index: Killable): Promise<number> {
  const deadline = Date.now() + CATCH_UP_MS
  let stuckSinceMs = Date.now()
  let lastHead: number | undefined
  for (;;) {
    const head = await headOf(index)
    const block = await provider.getBlock('latest')
    if (head !== undefined && head.hash === block!.hash) return head.number
    if (head?.number !== lastHead) stuckSinceMs = Date.now()
    lastHead = head?.number
    if (!index.isRunning || Date.now() - stuckSinceMs > STUCK_MS) {
      say(`graph-node ${index.isRunning ? `stands still at block ${lastHead}` : 'ended'}: started again`)
      await index.kill()
      await index.start()
      stuckSinceMs = Date.now()
    }
    if (Date.now() > deadline)
      throw new Error(`The index stands at block ${lastHead}, the chain at ${block!.number}: ${JSON.stringify(head)}`)
    await sleep(100)
    // It notices a reorganisation only when the chain grows.
    if (head !== undefined && head.number >= block!.number) await provider.send('anvil_mine', ['0x1'])
  }
}

async function headOf(index: Killable): Promise<{ number: number; hash: string } | undefined> {
  try {
    const response = await fetch(index.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: '{ _meta { block { number hash } } }' }),
      signal: AbortSignal.timeout(5_000),
    })
    const { data } = (await response.json()) as { data?: { _meta: { block: { number: number; hash: string } } } }
    return data?._meta.block
  } catch {
    return undefined
  }
}

/** Waits until the index has the newest block and has read every file. What it read from files appears with a later block. */
async function settled(provider: JsonRpcProvider, index: Killable, databaseUrl: string): Promise<number> {
  const deadline = Date.now() + CATCH_UP_MS
  for (;;) {
    const head = await caughtUp(provider, index)
    const [place] = await query<{ name: string }>(databaseUrl, 'SELECT name FROM public.deployment_schemas')
    const counted = (table: string) => `(SELECT count(*) FROM ${place!.name}.${table})`
    const [open] = await query<{ count: string }>(
      databaseUrl,
      `SELECT ${counted('contribution')} - ${counted('contribution_manifest')} AS count`,
    )
    if (Number(open!.count) === 0) return head
    if (Date.now() > deadline) throw new Error(`${open!.count} manifests are not read at block ${head}`)
    await provider.send('anvil_mine', ['0x1'])
    await sleep(200)
  }
}

async function mirroredTo(mirror: MirrorProcess, block: number): Promise<void> {
  const deadline = Date.now() + CATCH_UP_MS
  while (!('block' in mirror.last && mirror.last.block === block)) {
    if (Date.now() > deadline)
      throw new Error(`The mirror from ${mirror.plan.kind} is not at block ${block}: ${JSON.stringify(mirror.last)}`)
    await sleep(50)
  }
  const faults = [...mirror.faults].map(([code, count]) => `${code} ${count}`).join(', ')
  say(`mirror from ${mirror.plan.kind}: ${mirror.syncs} syncs; meanwhile ${faults || 'no faults'}`)
}

async function contentOf(plan: MirrorPlan, fromFiles: ReadonlySet<string>, block?: number) {
  const mirror = await openMirror(plan)
  try {
    if (block !== undefined) await mirror.store.sync()
    return await mirrorContent(mirror.store, plan.kind === 'Postgres', fromFiles)
  } finally {
    await mirror.close()
  }
}

function report(
  what: string,
  made: ReadonlyMap<string, readonly string[]>,
  fresh: ReadonlyMap<string, readonly string[]>,
) {
  const found = differences(made, fresh)
  if (found.length > 0) failed += 1
  say(`${found.length === 0 ? '✓' : '✗'} ${what}: ${rowCount(made)} rows in ${made.size} tables`)
  for (const line of found) console.log(line)
}
