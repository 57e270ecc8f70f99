import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { query } from '@openledger/cli/stack'
import {
  type EntitySource,
  LineageStore,
  PostgresSource,
  readEntitySchema,
  SubgraphSource,
} from '@openledger/lineage-store'
import type { Figure } from '../figure.ts'
import { NAMESPACE, shapeDatabase, snake } from './shaped-database.ts'

const BLOCKS = 1_000
const HASH = `0x${'ab'.repeat(32)}`
/** A fact as the subgraph has many of: four ids and hashes, two people, three numbers. */
const SCHEMA = `type TokenTransfer @entity(immutable: true) {
  id: Bytes! token: Bytes! from: Bytes! to: Bytes! amountWei: BigInt! blockNumber: BigInt! timestamp: BigInt! transactionHash: Bytes!
}`

/**
 * Rows a second from a first sync of so many immutable rows into a new DuckDB file, the commit included: from Postgres, and
 * beside it by GraphQL from a server that answers at once, which is more than graph-node does.
 * @param databaseUrl of an empty database
 */
export async function* measureMirror(databaseUrl: string, rows = 400_000): AsyncIterable<Figure> {
  const schema = readEntitySchema(SCHEMA)
  await shapeDatabase(databaseUrl, schema, { number: BLOCKS, hash: HASH })
  await makeRows(databaseUrl, rows)
  const server = await startAnswers(rows)
  const rpcUrl = `${server.url}/chain`
  try {
    const postgres = new PostgresSource({ schema, databaseUrl, subgraph: 'subgraph-0', rpcUrl })
    const ours = await rowsPerSecond(postgres, rows)
    await postgres.close()
    const graphQl = new SubgraphSource({ schema, subgraphUrl: `${server.url}/subgraph`, rpcUrl })
    const byGraphQl = await rowsPerSecond(graphQl, Math.min(rows, server.rows))
    const figure = { bench: 'index', peer: null, ratio: null, unit: 'rows/s' }
    yield { ...figure, name: 'mirror.rows_per_s', ours, n: rows }
    yield { ...figure, name: 'mirror.graphql_rows_per_s', ours: byGraphQl, n: server.rows }
  } finally {
    server.close()
  }
}

async function makeRows(databaseUrl: string, rows: number): Promise<void> {
  const hash = (part: string) => `sha256(convert_to('${part}' || i, 'UTF8'))`
  const columns = ['id', 'token', 'from', 'to', 'amountWei', 'blockNumber', 'timestamp', 'transactionHash']
  await query(
    databaseUrl,
    `INSERT INTO ${NAMESPACE}.token_transfer (vid, block$, ${columns.map((name) => `"${snake(name)}"`).join(', ')})
     SELECT (block::int8 << 32) + i, block, ${hash('t')} || int4send(i), substr(${hash('o')}, 1, 20), substr(${hash('f')}, 1, 20),
            substr(${hash('r')}, 1, 20), 1000000000000000000::numeric * i, block, 1700000000 + block, ${hash('t')}
       FROM (SELECT i, (i::int8 * ${BLOCKS} / ${rows})::int4 AS block FROM generate_series(0, ${rows - 1}) AS i) AS made`,
  )
  await query(databaseUrl, 'CHECKPOINT')
}

async function rowsPerSecond(source: EntitySource, rows: number): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'openledger-mirror-'))
  const store = await LineageStore.open(join(folder, 'lineage.duckdb'), { schema: SCHEMA, source })
  try {
    const startedMs = performance.now()
    await store.sync()
    const seconds = (performance.now() - startedMs) / 1_000
    const [found] = await store.query<{ n: bigint }>('SELECT count(*) AS n FROM TokenTransfer')
    if (found!.n !== BigInt(rows)) throw new Error(`The mirror holds ${found!.n} rows of ${rows}.`)
    return Math.round(rows / seconds)
  } finally {
    await store.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

const PAGES = 50
const PAGE_ROWS = 1_000

/** A chain that has only our block, and a subgraph that gives the same full page so often. */
async function startAnswers(rows: number): Promise<{ url: string; rows: number; close(): void }> {
  const address = `0x${'12'.repeat(20)}`
  let page = 0
  const pages = Math.min(PAGES, Math.ceil(rows / PAGE_ROWS))
  const rowAt = (i: number) => ({
    ...{ id: `0x${'34'.repeat(32)}${i.toString(16).padStart(8, '0')}`, token: address, from: address, to: address },
    ...{ amountWei: `1${'0'.repeat(18)}`, blockNumber: '1', timestamp: '1700000000', transactionHash: HASH },
  })
  const list = { kind: 'LIST', name: null, ofType: { kind: 'OBJECT', name: 'TokenTransfer' } }
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    const asked = (what: string) => body.includes(what)
    const answer = () => {
      if (request.url === '/chain') return { result: { hash: HASH } }
      if (asked('_meta'))
        return {
          data: { _meta: { deployment: 'Qm', hasIndexingErrors: false, block: { number: BLOCKS, hash: HASH } } },
        }
      if (asked('__schema'))
        return {
          data: {
            __schema: { queryType: { fields: [{ name: 'tokenTransfers', args: [{ name: 'orderBy' }], type: list }] } },
          },
        }
      const size = page < pages ? PAGE_ROWS : 0
      page += 1
      return { data: { p0: Array.from({ length: size }, (_, i) => rowAt(page * PAGE_ROWS + i)) } }
    }
    response.end(JSON.stringify(answer()))
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, rows: pages * PAGE_ROWS, close: () => server.close() }
}
