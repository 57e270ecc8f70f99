import { type ChildProcess, fork, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { join } from 'node:path'
import type { Figure } from '../figure.ts'
import { COUNTS, datanetOf, receiptOf } from './rows.ts'

const PROVENANCE = `query($receipt: Bytes32!) {
  answer(receiptHash: $receipt) {
    priceWei poolWei
    model { name base { name } }
    epoch { number root isLive }
    evidence { influence(first: 5) {
      sharePpm mean
      record { title licence datanet { name } contribution { transactionHash } }
      contributor { account name claimableWei proof { root word index siblings } }
    } }
    shares { amountWei contributor { name } record { title } }
  }
}`
const SMALL = 'query($id: Bytes32!) { datanet(id: $id) { name recordCount licence } }'
const PAGE =
  'query($after: String) { records(first: 100, after: $after) { nodes { digest title } pageInfo { endCursor } } }'

const RATE_PER_S = 100
const SECONDS = 20
const CLIENTS = 32
const PAGES = 200

/** What the api takes, before an index in memory: 100,000 records and 10,000 answers. */
export async function* measure(): AsyncIterable<Figure> {
  const sources = fork(join(import.meta.dirname, 'sources-process.ts'))
  const [{ indexUrl, contentUrl }] = (await once(sources, 'message')) as [{ indexUrl: string; contentUrl: string }]
  const api = fork(join(import.meta.dirname, 'api-process.ts'), [indexUrl, contentUrl])
  const [{ url }] = (await once(api, 'message')) as [{ url: string }]
  toCores(api, sources)
  const agent = new Agent({ keepAlive: true, maxSockets: 256 })
  const ask = (query: string, variables: object) => post(agent, `${url}/graphql`, { query, variables })
  try {
    yield* provenance(ask)
    yield* small(ask)
    yield* pages(ask)
  } finally {
    agent.destroy()
    api.disconnect()
    sources.disconnect()
  }
}

type Ask = (query: string, variables: object) => Promise<Answered>
type Answered = { data: Record<string, never>; errors?: unknown }

/** One core for the api, the others for sources and load, where the system can bind a process. */
function toCores(api: ChildProcess, sources: ChildProcess): void {
  const bind = (pid: number | undefined, cores: string) => spawnSync('taskset', ['-acp', cores, String(pid)])
  bind(api.pid, '0')
  bind(sources.pid, '1')
  bind(process.pid, '1')
}

/** Requests at a steady rate, whether or not the ones before were answered: a slow answer delays none. */
async function* provenance(ask: Ask): AsyncIterable<Figure> {
  for (let i = 0; i < 200; i++) check(await ask(PROVENANCE, { receipt: receiptOf((i * 37) % COUNTS.answers) }))
  const times: number[] = []
  const running: Promise<void>[] = []
  const begin = performance.now()
  for (let i = 0; i < RATE_PER_S * SECONDS; i++) {
    const due = begin + (i * 1_000) / RATE_PER_S
    const wait = due - performance.now()
    if (wait > 0) await new Promise((done) => setTimeout(done, wait))
    const receipt = receiptOf(Math.floor(Math.random() * COUNTS.answers))
    running.push(
      ask(PROVENANCE, { receipt }).then((answered) => {
        check(answered)
        times.push(performance.now() - due)
      }),
    )
  }
  await Promise.all(running)
  yield figure('provenance.p50_ms', quantile(times, 0.5), 'ms', times.length)
  yield figure('provenance.p99_ms', quantile(times, 0.99), 'ms', times.length)
}

async function* small(ask: Ask): AsyncIterable<Figure> {
  let count = 0
  const until = performance.now() + 10_000
  const begin = performance.now()
  await Promise.all(
    Array.from({ length: CLIENTS }, async (_, i) => {
      while (performance.now() < until) {
        check(await ask(SMALL, { id: datanetOf((i * 13 + count) % COUNTS.datanets) }))
        count += 1
      }
    }),
  )
  yield figure('small.rps', (count / (performance.now() - begin)) * 1_000, '1/s', count)
}

/** A page of 100 from the middle against the first one, in turn; each page of the middle is another. */
async function* pages(ask: Ask): AsyncIterable<Figure> {
  const [first, middle]: [number[], number[]] = [[], []]
  for (let i = 0; i < PAGES; i++) {
    const digest = `0x${(i % 2 === 0 ? '80' : '7f').padEnd(4, '0')}${i.toString(16).padStart(60, '0')}`
    const after = Buffer.from(JSON.stringify([digest, '0x00'])).toString('base64url')
    for (const [times, variables] of [
      [
        first,
        { after: Buffer.from(JSON.stringify([`0x${i.toString(16).padStart(64, '0')}`, '0x00'])).toString('base64url') },
      ],
      [middle, { after }],
    ] as const) {
      const begin = performance.now()
      check(await ask(PAGE, variables))
      times.push(performance.now() - begin)
    }
  }
  const [ours, peer] = [quantile(middle, 0.5), quantile(first, 0.5)]
  yield { ...figure('page.ratio', ours, 'ms', PAGES), peer: round(peer), ratio: round(peer / ours) }
}

function figure(name: string, ours: number, unit: string, n: number): Figure {
  return { bench: 'api', name, ours: round(ours), peer: null, ratio: null, unit, n }
}

function check({ data, errors }: Answered): void {
  if (errors !== undefined || data === null) throw new Error(`the api refused: ${JSON.stringify(errors).slice(0, 500)}`)
}

function quantile(values: number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))]!
}

const round = (value: number) => Math.round(value * 100) / 100

/** By node:http, which takes a fraction of fetch's time: the load must not be what is measured. */
function post(agent: Agent, url: string, body: object): Promise<Answered> {
  const text = JSON.stringify(body)
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }
    const sent = request(url, { method: 'POST', agent, headers }, (response) => {
      let received = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        received += chunk
      })
      response.on('end', () => resolve(JSON.parse(received) as Answered))
    })
    sent.on('error', reject)
    sent.end(text)
  })
}
