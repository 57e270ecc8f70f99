import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { Analysis, ENGINE_TABLES, publishAnalysis, QueryProcess } from '@openledger/analytics'
import { columnsOf, type EntitySource, LineageStore, readEntitySchema } from '@openledger/lineage-store'
import { canonicalJson, cidOf } from '@openledger/protocol'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openAnalysisFile } from './analysis-file.ts'

const schema = readFileSync(resolve(import.meta.dirname, '../../../schema.graphql'), 'utf8')
const folder = mkdtempSync(join(tmpdir(), 'openledger-sql-'))
const blobs = new Map<string, Uint8Array>()
const content = {
  put: async (bytes: Uint8Array) => {
    blobs.set(cidOf(bytes), bytes)
    return cidOf(bytes)
  },
  putJson: async (value: unknown) => content.put(canonicalJson(value)),
  get: async (cid: string) => blobs.get(cid)!,
}
let engine: Server
let engineUrl: string
let publications: { epoch: number; publication: string }[] = []
/** The index as it is: a block and the settlements up to it. */
let block = 5

const settlement = (number: number) => ({
  id: `0x0${number}`,
  payer: '0xaa',
  node: '0xbb',
  model: '0xcc',
  channel: '0xdd',
  batch: '0x01',
  amountWei: '200',
  cumulativeWei: '200',
  contributorsWei: '100',
  blockNumber: String(number),
  timestamp: '1700000000',
  transactionHash: '0xee',
})
/** Numbers as somebody may write them where no contract bounds them. */
const setting = (value: string) => ({ id: value, contract: '0x01', name: 'n', value, account: null, timestamp: '1' })

const entity = (wanted: string) => readEntitySchema(schema).entities.find(({ name }) => name === wanted)!
const source: EntitySource = {
  stamps: 'written',
  head: async () => ({ number: block, hash: `0x${block}`, deployment: 'QmTest' }),
  hashOf: async (number) => (number <= block ? `0x${number}` : null),
  async *rows(since, at) {
    const numbers = [1, 2, 3, 4, 5, 6].filter((n) => n <= at.number && n > (since ?? 0))
    for (const number of numbers)
      yield { entity: 'Settlement', columns: columnsOf(entity('Settlement'), [settlement(number)], number) }
    if (since !== null) return
    const settings = ['1', String(2n ** 256n - 1n), `-${2n ** 255n}`].map(setting)
    yield { entity: 'Setting', columns: columnsOf(entity('Setting'), settings, 1) }
  },
}

beforeAll(async () => {
  engine = createServer((request, response) => {
    const found = publications.find(({ epoch }) => request.url === `/analytics/${epoch}`)
    const missing = { error: { code: 'analytics.not_published', message: 'No.', facts: {}, nextStep: 'Wait.' } }
    const body = request.url === '/analytics?first=1' ? { publications } : found ? { cid: found.publication } : missing
    response.end(JSON.stringify(body))
  }).listen(0, '127.0.0.1')
  await new Promise((ready) => engine.once('listening', ready))
  engineUrl = `http://127.0.0.1:${(engine.address() as AddressInfo).port}`
})

afterAll(() => {
  engine.close()
  rmSync(folder, { recursive: true })
})

function open(epoch: number | string | null = null, change = {}) {
  return openAnalysisFile({
    folder: join(folder, 'sql'),
    schema,
    source: () => source,
    content,
    engineUrl,
    epoch,
    ...change,
  })
}

async function ask(file: string, sql: string) {
  const queries = new QueryProcess({ file, memoryLimit: '500MB', timeoutMs: 20_000, maxRows: 1_000 })
  try {
    return (await queries.ask(sql)).rows
  } finally {
    queries.close()
  }
}

/** What the engine would publish as of block 4: an epoch that pays 350 of 400 wei to one account. */
async function publish() {
  const work = join(folder, 'engine')
  const analysis = await Analysis.create(work, ':memory:')
  await analysis.createEngineTables()
  await analysis.run(`INSERT INTO epoch BY NAME SELECT 1 AS epoch, 'm' AS manifest, 0 AS from_block, 4 AS to_block,
    1 AS answers, 400 AS fees_in_wei, 350 AS paid_wei, 50 AS reserve_wei`)
  await analysis.run(`INSERT INTO payout VALUES (1, 'a', 'x', 'ada', 350)`)
  const files = { epoch: 'epoch.parquet', payout: 'payout.parquet', influence: 'influence.parquet' }
  for (const { name, columns, key } of ENGINE_TABLES) {
    rmSync(join(work, files[name]), { force: true })
    await analysis.writeFile({ name, columns, key }, files[name], 0, 10)
  }
  analysis.close()
  const mirrorFile = join(work, 'mirror.duckdb')
  const store = await LineageStore.open(mirrorFile, { schema, source })
  await store.sync(4)
  await store.close()
  const epoch = {
    number: 1,
    manifest: cidOf(new Uint8Array([1])),
    toBlock: 4,
    blockHash: `0x${'4'.repeat(64)}` as const,
  }
  const shape = readEntitySchema(schema)
  return publishAnalysis({ folder: work, schema: shape, mirrorFile, engineFiles: files, epoch, contentStore: content })
}

test('before anything was published, the index alone can be asked', async () => {
  const { file, about } = await open()
  expect(about).toContain('no epoch published yet')
  expect(await ask(file, 'SELECT fees_in_wei, pending_wei, difference_wei FROM epoch_reconciliation')).toEqual([
    ['500', '500', '0'],
  ])
})

test('facts of the newest block and payouts of the newest epoch are asked together', async () => {
  const { cid } = await publish()
  publications = [{ epoch: 1, publication: cid }]
  block = 6
  const { file, about } = await open()
  expect(about).toBe('block 6, payouts and influence: epoch 1')
  expect(await ask(file, 'SELECT epoch, fees_in_wei, difference_wei FROM epoch_reconciliation')).toEqual([
    [1, '400', '0'],
    [null, '200', '0'],
  ])
  expect(await ask(file, 'SELECT contributor, earned_wei FROM earnings_by_contributor')).toEqual([['ada', '350']])
})

test('as of an epoch, by number or by CID, nothing later is there', async () => {
  const [byNumber, byCid] = [
    await open(1),
    await open(publications[0]!.publication, { engineUrl: 'http://127.0.0.1:1' }),
  ]
  expect(byNumber.file).toBe(byCid.file)
  expect(await ask(byNumber.file, 'SELECT count(*), sum(contributorsWei) FROM Settlement')).toEqual([['4', '400']])
})

test('what was published is what the index said, row by row, and published again it is the same', async () => {
  const first = await publish()
  expect((await publish()).cid).toBe(first.cid)
  const { file } = await open(first.cid)
  expect(
    await ask(file, 'SELECT * EXCLUDE (logIndex) FROM (SELECT *, 0 AS logIndex FROM Settlement) ORDER BY id LIMIT 1'),
  ).toEqual([Object.values({ ...settlement(1) })])
  const view = first.manifest.tables.find(({ name }) => name === 'epoch_reconciliation')
  expect(view).toMatchObject({ kind: 'view', rows: 2 })
})

test('a number that nothing bounds is text, with every digit', async () => {
  const { file } = await open(publications[0]!.publication)
  expect(await ask(file, 'SELECT value FROM Setting ORDER BY length(value), value')).toEqual([
    ['1'],
    [`-${2n ** 255n}`],
    [String(2n ** 256n - 1n)],
  ])
})

test('the same state is built once, and an older one of the live index is dropped', async () => {
  const { file } = await open()
  const before = readdirSync(join(folder, 'sql')).filter((name) => name.startsWith('live-'))
  expect(await Promise.all([open(), open(), open()])).toEqual(Array(3).fill(await open()))
  expect(readdirSync(join(folder, 'sql')).filter((name) => name.startsWith('live-'))).toEqual(before)
  expect(file).toContain(before[0])
})

test('an epoch that was not published is said so, and so is an engine that is away', async () => {
  await expect(open(7)).rejects.toMatchObject({ code: 'analytics.not_published' })
  await expect(open(null, { engineUrl: 'http://127.0.0.1:1' })).rejects.toMatchObject({
    code: 'sql.engine_unreachable',
  })
  await expect(open('bafynonsense')).rejects.toThrow()
})
