import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePorts, query, Supervisor, startDatabase } from '@openledger/cli/stack'
import { LineageStore, PostgresSource, readEntitySchema } from '@openledger/lineage-store'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { shapeDatabase } from '../bench/index/shaped-database.ts'

const MAX_UINT256 = 2n ** 256n - 1n
const schema = `
  enum Kind { Fee Reward }
  type Note @entity(immutable: true) {
    id: Bytes! from: Bytes! title: String! kind: Kind! amountWei: BigInt! latencyP50Ms: BigInt rate: BigDecimal
    tag1: String! words: [String!]! isOpen: Boolean! count: Int! at: Timestamp! parents: [Account!]!
  }
  type Account @entity { id: ID! sizeBytes: BigInt! notes: [Note!]! @derivedFrom(field: "from") }
  type _Schema_ @fulltext(name: "noteSearch", language: en, algorithm: rank, include: [{ entity: "Note", fields: [{ name: "title" }] }])
  type Stats @aggregation(intervals: ["hour"], source: "Point") { id: Int8! timestamp: Timestamp! totalWei: BigInt! @aggregate(fn: "sum", arg: "amountWei") }
  type Point @entity(timeseries: true) { id: Int8! timestamp: Timestamp! amountWei: BigInt! }`
const hashAt = (number: number) => `0x${number.toString(16).padStart(64, '0')}`

let supervisor: Supervisor
let scratch: string
let cluster: string
let chain: Server
let rpcUrl: string
let databaseUrl: string
let databases = 0
const open: { close(): Promise<void> }[] = []

beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), 'openledger-source-'))
  chmodSync(scratch, 0o755) // Postgres may have to run as another user
  supervisor = await Supervisor.start(scratch, { add: () => undefined, remove: () => undefined })
  const { databasePort } = await freePorts()
  cluster = (await startDatabase(supervisor, join(scratch, 'database'), databasePort)).url
  chain = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    response.end(JSON.stringify({ result: { hash: hashAt(Number(JSON.parse(body).params[0])) } }))
  })
  await new Promise<void>((done) => chain.listen(0, '127.0.0.1', done))
  rpcUrl = `http://127.0.0.1:${(chain.address() as AddressInfo).port}`
})

afterAll(async () => {
  chain.close()
  await supervisor.end()
  rmSync(scratch, { recursive: true, force: true })
})

/** A database as graph-node 0.45 lays it out for the schema above; the names are those it gave when asked. */
beforeEach(async () => {
  databases += 1
  const url = new URL(cluster)
  url.pathname = `/index${databases}`
  databaseUrl = url.href
  await query(cluster, `CREATE DATABASE index${databases}`)
  await shapeDatabase(databaseUrl, { entities: [], hash: '' }, { number: 9, hash: hashAt(9) })
  await query(
    databaseUrl,
    `SET search_path = sgd1;
     CREATE TYPE kind AS ENUM ('Fee', 'Reward');
     CREATE TABLE note (vid int8 PRIMARY KEY, block$ int4, id bytea, "from" bytea, title text, kind kind, amount_wei numeric,
       latency_p50_ms numeric, rate numeric, tag_1 text, words text[], is_open bool, count int4, at timestamptz, parents text[],
       note_search tsvector);
     CREATE TABLE account (vid int8 PRIMARY KEY, block_range int4range, id text, size_bytes numeric);
     CREATE TABLE point (vid int8 PRIMARY KEY, block$ int4, id int8, "timestamp" timestamptz, amount_wei numeric);
     CREATE TABLE stats_hour (vid int8 PRIMARY KEY, block$ int4, id int8, "timestamp" timestamptz, total_wei numeric)`,
  )
})

afterEach(async () => {
  for (const part of open.splice(0).reverse()) await part.close()
})

async function openStore(): Promise<LineageStore> {
  const source = new PostgresSource({ schema: readEntitySchema(schema), databaseUrl, subgraph: 'subgraph-0', rpcUrl })
  open.push(source)
  const store = await LineageStore.open(':memory:', { schema, source })
  open.push(store)
  return store
}

const vid = (block: number, position = 1) => (BigInt(block) << 32n) + BigInt(position)
const account = (block: number, id: string, sizeBytes: number) =>
  query(databaseUrl, `INSERT INTO sgd1.account VALUES (${vid(block)}, '[${block},)', '${id}', ${sizeBytes})`)
const headAt = (block: number) =>
  query(
    databaseUrl,
    `UPDATE subgraphs.head SET block_number = ${block}, block_hash = decode('${hashAt(block).slice(2)}', 'hex')`,
  )

test('every kind of field comes as it is, with the block that wrote it', async () => {
  await query(
    databaseUrl,
    `INSERT INTO sgd1.note VALUES
       (${vid(4)}, 4, '\\x01ff', '\\x', E'tab\\t, line\\n, \\\\N = "é"', 'Reward', ${MAX_UINT256}, NULL, 0.10, '', ARRAY['', 'a,b', '\\N'], true, -1,
        '2026-01-02 03:04:05.678901Z', '{}', to_tsvector('x')),
       (${vid(5)}, 5, '\\x02', '\\xaa', '', 'Fee', -${MAX_UINT256}, 7, NULL, '=', '{}', false, 2147483647, 'epoch', ARRAY['carol'], NULL);
     INSERT INTO sgd1.point VALUES (${vid(6)}, 6, 25769803777, '2026-01-01Z', 3)`,
  )
  const store = await openStore()
  expect(await store.sync()).toEqual({ number: 9, hash: hashAt(9) })
  expect(await store.query('SELECT * FROM Note ORDER BY id')).toEqual([
    {
      ...{
        _block: 4n,
        id: '0x01ff',
        from: '0x',
        title: 'tab\t, line\n, \\N = "é"',
        kind: 'Reward',
        amountWei: MAX_UINT256,
      },
      ...{ latencyP50Ms: null, rate: '0.10', tag1: '', words: ['', 'a,b', '\\N'], isOpen: true, count: -1 },
      ...{ at: 1_767_323_045_678_901n, parents: [] },
    },
    {
      ...{ _block: 5n, id: '0x02', from: '0xaa', title: '', kind: 'Fee', amountWei: -MAX_UINT256, latencyP50Ms: 7n },
      ...{ rate: null, tag1: '=', words: [], isOpen: false, count: 2_147_483_647, at: 0n, parents: ['carol'] },
    },
  ])
  expect(await store.query('SELECT * FROM Point')).toEqual([
    { _block: 6n, id: 25_769_803_777n, timestamp: 1_767_225_600_000_000n, amountWei: 3n },
  ])
})

test('every version of a mutable entity comes with its block, up to the block asked for', async () => {
  for (const block of [2, 5, 8]) await account(block, 'alice', block)
  const store = await openStore()
  await store.sync(6)
  expect(await store.query('SELECT _block, sizeBytes FROM Account_versions ORDER BY _block')).toEqual([
    { _block: 2n, sizeBytes: 2n },
    { _block: 5n, sizeBytes: 5n },
  ])
  await store.sync()
  expect(await store.query('SELECT _block, sizeBytes FROM Account')).toEqual([{ _block: 8n, sizeBytes: 8n }])
  expect(await store.query('SELECT sizeBytes FROM Account_as_of(7)')).toEqual([{ sizeBytes: 5n }])
})

test('more rows than a batch holds are read once each', async () => {
  await query(
    databaseUrl,
    `INSERT INTO sgd1.point SELECT (7::int8 << 32) + i, 7, i, now(), i FROM generate_series(1, 20001) AS i`,
  )
  const store = await openStore()
  await store.sync()
  expect(await store.query('SELECT count(DISTINCT id) AS ids, sum(amountWei) AS total FROM Point')).toEqual([
    { ids: 20_001n, total: (20_001n * 20_002n) / 2n },
  ])
})

test('what is written between two parts of a sync belongs to the next', async () => {
  await account(3, 'alice', 1)
  const source = new PostgresSource({ schema: readEntitySchema(schema), databaseUrl, subgraph: 'subgraph-0', rpcUrl })
  open.push(source)
  await query(
    databaseUrl,
    `INSERT INTO sgd1.note (vid, block$, id, title, parents, words) VALUES (${vid(3)}, 3, '\\x01', '', '{}', '{}')`,
  )
  const seen: string[] = []
  for await (const { entity, columns } of source.rows(null, { number: 9, hash: hashAt(9) })) {
    if (seen.length === 0)
      await query(
        databaseUrl,
        `INSERT INTO sgd1.note (vid, block$, id, title, parents, words) VALUES (${vid(3, 2)}, 3, '\\x02', '', '{}', '{}')`,
      )
    seen.push(`${entity} ${columns[1]}`)
  }
  expect(seen).toEqual([`Account =${Buffer.from('alice').toString('hex')}`, 'Note 0x01'])
})

test('a subgraph that is deployed again is mirrored anew', async () => {
  await account(3, 'alice', 1)
  const store = await openStore()
  await store.sync()
  await query(
    databaseUrl,
    `ALTER SCHEMA sgd1 RENAME TO sgd2; UPDATE deployment_schemas SET name = 'sgd2'; DELETE FROM sgd2.account`,
  )
  await store.sync()
  expect(await store.query('SELECT id FROM Account_versions')).toEqual([])
})

test.each([
  ['a table is missing', 'DROP TABLE sgd1.account', 'table of Account'],
  ['a column is missing', 'ALTER TABLE sgd1.note DROP COLUMN is_open', 'column of Note.isOpen'],
  ['a name fits two columns', 'ALTER TABLE sgd1.note ADD COLUMN tag1 text', 'column of Note.tag1'],
  ['a column has another type', 'ALTER TABLE sgd1.note ALTER COLUMN count TYPE int8', 'column of Note.count'],
  ['a list is none', 'ALTER TABLE sgd1.note ALTER COLUMN words TYPE text', 'column of Note.words'],
  ['an entity changes that should not', 'ALTER TABLE sgd1.note RENAME block$ TO block_range', 'table of Note'],
  ['graph-node is another version', 'UPDATE subgraphs.graph_node_versions SET minor = 46', 'version of graph-node'],
  ['rows are numbered otherwise', `UPDATE subgraphs.subgraph_manifest SET spec_version = '1.2.0'`, 'specVersion'],
  ['old versions are dropped', 'UPDATE subgraphs.subgraph_manifest SET history_blocks = 1000', 'history'],
])('it is refused, naming what differs, when %s', async (_, change, what) => {
  await query(databaseUrl, change)
  await expect((await openStore()).sync()).rejects.toMatchObject({ code: 'lineage.layout_differs', facts: { what } })
})

test('an index that failed is refused', async () => {
  await query(databaseUrl, `INSERT INTO subgraphs.subgraph_error VALUES ('Qm', true)`)
  await expect((await openStore()).sync()).rejects.toMatchObject({ code: 'lineage.subgraph_failed' })
})

test('an index on another fork is refused, to be asked again', async () => {
  await query(databaseUrl, `UPDATE subgraphs.head SET block_hash = '\\x01'`)
  await expect((await openStore()).sync()).rejects.toMatchObject({ code: 'lineage.on_another_fork', retryable: true })
})

test('an index without a block can be asked again', async () => {
  await query(databaseUrl, 'UPDATE subgraphs.head SET block_number = NULL')
  await expect((await openStore()).sync()).rejects.toMatchObject({ code: 'lineage.not_indexed', retryable: true })
})

test('a database that is away can be asked again, and no password is told', async () => {
  await account(3, 'alice', 1)
  const store = await openStore()
  await store.sync()
  await headAt(10)
  await query(cluster, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'index${databases}'`)
  const outcome = await store.sync().catch((error) => error)
  if (outcome instanceof Error) expect(outcome).toMatchObject({ code: 'lineage.source_unreachable', retryable: true })
  expect((await store.sync()).number).toBe(10)
  const { password } = new URL(cluster)
  databaseUrl = cluster.replace(/:\d+\//, ':9/')
  const refused = await (await openStore()).sync().catch((error) => error)
  expect(refused).toMatchObject({ code: 'lineage.source_unreachable', retryable: true })
  expect(JSON.stringify(refused)).not.toContain(password)
})
