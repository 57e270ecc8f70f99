import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePorts, query, Supervisor } from '@openledger/cli/stack'
import type { Figure } from '../figure.ts'
import { machineKind } from '../machine.ts'
import { type Chain, startChain } from './chain.ts'
import { compare } from './compare.ts'
import { countEvents } from './event-count.ts'
import { measureLatency } from './latency.ts'
import { measureMirror } from './mirror.ts'
import { type Indexed, Ours } from './ours.ts'
import { indexByPeer } from './peer.ts'
import { timeViews } from './views.ts'

const RESULTS_FILE = join(import.meta.dirname, '../results/index.json')
const INDEX_TIMEOUT_MS = 400_000

/** What the parts of this bench share: a chain, and the index of it. */
export type Setting = { supervisor: Supervisor; scratch: string; chain: Chain; ours: Ours; indexed?: Indexed }
type Part = (setting: Setting) => AsyncIterable<Figure>

/** In this order: the later ones read what the first has indexed. */
const PARTS: readonly Part[] = [events, latency, mirror, views]

/** Indexes a generated chain, by us and by Ponder, then follows its head. Writes what came out to `bench/results/index.json`. */
export async function* measure(): AsyncIterable<Figure> {
  const scratch = mkdtempSync(join(tmpdir(), 'openledger-index-'))
  chmodSync(scratch, 0o755) // Postgres may have to run as another user
  const supervisor = await Supervisor.start(scratch, { add: () => undefined, remove: () => undefined })
  const figures: Figure[] = []
  let ours: Ours | undefined
  try {
    const { chainPort } = await freePorts()
    const chain = await supervisor.during(startChain(supervisor, scratch, chainPort))
    ours = await supervisor.during(Ours.start(supervisor, scratch, chain))
    const setting: Setting = { supervisor, scratch, chain, ours }
    for (const part of PARTS) {
      for await (const figure of part(setting)) {
        figures.push(figure)
        yield figure
      }
    }
    const note =
      'Rates and times depend on the machine and on what else it does; ratios less so: both ran in the same minutes.'
    writeFileSync(RESULTS_FILE, `${JSON.stringify({ machine: machineKind(), note, figures }, null, 2)}\n`)
  } finally {
    await ours?.close()
    await supervisor.end()
    rmSync(scratch, { recursive: true, force: true })
  }
}

/** Events a second from an empty database to the last block in the answers. */
async function* events(setting: Setting): AsyncIterable<Figure> {
  const { supervisor, scratch, chain, ours } = setting
  const indexed = await supervisor.during(ours.indexed(chain.head, INDEX_TIMEOUT_MS))
  setting.indexed = indexed
  const deploymentFile = join(scratch, 'peer-deployment.json')
  writeFileSync(deploymentFile, JSON.stringify(chain.deployment))
  const from = { chainUrl: chain.url, deploymentFile, head: chain.head, timeoutMs: INDEX_TIMEOUT_MS }
  ours.sleep()
  const peer = await indexByPeer(supervisor, scratch, from).finally(() => ours.wake())
  const n = await countEvents(chain)
  if (peer === null) say('Ponder is not installed, so there is no peer: npm install --prefix bench/peers')
  else {
    const counts = await compare(indexed, peer)
    const rows = [...counts.values()].reduce((sum, count) => sum + count, 0)
    say(`graph-node and Ponder agree on ${rows} rows of ${counts.size} tables, column by column`)
  }
  const rateOf = ({ seconds }: Indexed) => Math.round(n / seconds)
  const ratio = peer === null ? null : Math.round((1000 * peer.seconds) / indexed.seconds) / 1000
  const beside = { peer: peer === null ? null : rateOf(peer), ratio, unit: 'events/s', n }
  yield { bench: 'index', name: 'events.per_s', ours: rateOf(indexed), ...beside }
}

/** Milliseconds from a block to its entities, when the index follows the head. */
async function* latency({ supervisor, ours, chain }: Setting): AsyncIterable<Figure> {
  const times = await supervisor.during(measureLatency(ours, chain))
  const at = (part: number) => Math.round(times[Math.min(times.length - 1, Math.floor(part * times.length))]!)
  const beside = { bench: 'index', peer: null, ratio: null, unit: 'ms', n: times.length }
  yield { ...beside, name: 'head.latency_p50_ms', ours: at(0.5) }
  yield { ...beside, name: 'head.latency_p95_ms', ours: at(0.95) }
}

/** Rows a second into DuckDB, from a database beside the index's. */
async function* mirror({ ours }: Setting): AsyncIterable<Figure> {
  ours.sleep()
  await query(ours.databaseUrl, 'CREATE DATABASE mirror')
  const url = new URL(ours.databaseUrl)
  url.pathname = '/mirror'
  yield* measureMirror(url.href)
}

/** The slowest view over a million made-up answers; the others are said beside it. */
async function* views({ scratch, ours }: Setting): AsyncIterable<Figure> {
  ours.sleep()
  const folder = join(scratch, 'views')
  mkdirSync(folder)
  const { answers, views } = await timeViews(folder)
  const times = views.toSorted((a, b) => b.medianMs - a.medianMs)
  for (const { view, medianMs, rows } of times) say(`${view}: ${medianMs.toFixed(0)} ms, ${rows} rows`)
  const beside = { bench: 'index', peer: null, ratio: null, unit: 'ms', n: answers }
  yield { ...beside, name: 'view.slowest_ms', ours: Math.round(times[0]!.medianMs) }
}

function say(text: string): void {
  process.stderr.write(`index: ${text}\n`)
}
