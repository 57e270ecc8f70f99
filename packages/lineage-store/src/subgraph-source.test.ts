import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buildSchema, graphqlSync } from 'graphql'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { readEntitySchema } from './entity-schema.ts'
import { columnsOf } from './row-columns.ts'
import { SubgraphSource } from './subgraph-source.ts'

const HASH = `0x${'ab'.repeat(32)}`
const schema = readEntitySchema(readFileSync(new URL('./testdata/schema.graphql', import.meta.url), 'utf8'))

/** The parts of graph-node's query schema that are asked for, answered by the reference implementation of GraphQL. */
const served = buildSchema(`
  scalar Bytes  scalar BigInt  scalar BigDecimal  scalar Int8  scalar Timestamp
  type Payment { id: Bytes! account: Account! amountWei: BigInt! from: Bytes! tags: [String!]! kind: String! note: String blockNumber: Int! }
  type Account { id: Bytes! totalWei: BigInt! frozen: Boolean! lastPaidAt: Timestamp rate: BigDecimal friends: [Account!]! }
  type Point { id: Int8! timestamp: Timestamp! amountWei: BigInt! }
  type Block { number: Int! hash: Bytes! }
  type Meta { deployment: String! hasIndexingErrors: Boolean! block: Block! }
  input ByBlock { hash: Bytes }
  input Since { number_gte: Int! }
  input Filter { id_gt: String _change_block: Since }
  enum Order { id }  enum Direction { asc desc }
  type Query {
    payment(id: Bytes!): Payment
    payments(first: Int, orderBy: Order, orderDirection: Direction, block: ByBlock, where: Filter): [Payment!]!
    accounts(first: Int, orderBy: Order, orderDirection: Direction, block: ByBlock, where: Filter): [Account!]!
    pointSearch(text: String!, first: Int): [Point!]!
    points(first: Int, orderBy: Order, orderDirection: Direction, block: ByBlock, where: Filter): [Point!]!
    _meta: Meta
  }
`)

const PAYMENT = {
  ...{ id: '0x01', account: { id: '0xaa' }, amountWei: '123456789012345678901234567890', from: '0x02' },
  ...{ tags: ['x'], kind: 'Fee', note: null, blockNumber: 7 },
}

let server: Server
let url: string
let state: {
  subgraphHash: string
  chainHash: string | null
  hasIndexingErrors: boolean
  body: string | null
  asked: { list: string; arguments: unknown }[]
  payments: unknown[]
}

beforeAll(async () => {
  server = createServer(async (request, response) => {
    let text = ''
    for await (const chunk of request) text += chunk
    const body = JSON.parse(text) as { query?: string; params?: unknown[] }
    const list = (name: string, rows: unknown[]) => (given: unknown) => {
      state.asked.push({ list: name, arguments: JSON.parse(JSON.stringify(given)) })
      return rows
    }
    const rootValue = {
      _meta: {
        deployment: 'Qm',
        hasIndexingErrors: state.hasIndexingErrors,
        block: { number: 7, hash: state.subgraphHash },
      },
      payments: (given: unknown) => list('payments', state.payments.splice(0))(given),
      accounts: list('accounts', [
        { id: '0xaa', totalWei: '1', frozen: true, friends: [{ id: '0xbb' }, { id: '0xcc' }] },
      ]),
    }
    const answer = body.query
      ? graphqlSync({ schema: served, source: body.query, rootValue })
      : {
          jsonrpc: '2.0',
          id: 1,
          result: state.chainHash === null ? null : { hash: state.chainHash, asked: body.params },
        }
    response.end(state.body ?? JSON.stringify(answer))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})

afterAll(() => new Promise((resolve) => server.close(resolve)))

beforeEach(() => {
  state = { subgraphHash: HASH, chainHash: HASH, hasIndexingErrors: false, body: null, asked: [], payments: [PAYMENT] }
})

const source = () => new SubgraphSource({ schema, subgraphUrl: url, rpcUrl: url })

test('the head is the subgraph’s newest block', async () => {
  expect(await source().head()).toEqual({ number: 7, hash: HASH, deployment: 'Qm' })
})

const AT = { number: 7, hash: HASH }

async function read(since: number | null, from = schema) {
  const asked = new SubgraphSource({ schema: from, subgraphUrl: url, rpcUrl: url })
  const found: Record<string, readonly string[]> = {}
  for await (const { entity, columns } of asked.rows(since, AT)) found[entity] = columns
  return found
}

test('rows are asked for at one block, since a block, by id, and come flat', async () => {
  const [account, payment] = schema.entities
  expect(await read(4)).toEqual({
    Payment: columnsOf(
      payment!,
      [
        {
          id: '0x01',
          account: '0xaa',
          amountWei: '123456789012345678901234567890',
          from: '0x02',
          tags: ['x'],
          kind: 'Fee',
          note: null,
          blockNumber: 7,
        },
      ],
      7,
    ),
    Account: columnsOf(account!, [{ id: '0xaa', totalWei: '1', frozen: true, friends: ['0xbb', '0xcc'] }], 7),
  })
  const pinned = { first: 1000, orderBy: 'id', orderDirection: 'asc', block: { hash: HASH } }
  expect(state.asked).toEqual(
    ['accounts', 'payments'].map((list) => ({
      list,
      arguments: { ...pinned, where: { _change_block: { number_gte: 5 } } },
    })),
  )
})

test('a full page is followed by one after its last id', async () => {
  state.payments = Array.from({ length: 1_000 }, (_, id) => ({ ...PAYMENT, id: String(id) }))
  await read(4)
  expect(state.asked.at(-1)).toMatchObject({
    list: 'payments',
    arguments: { where: { id_gt: '999', _change_block: { number_gte: 5 } } },
  })
  expect(state.asked).toHaveLength(3)
})

test('the first read of all asks without a filter', async () => {
  await read(null)
  expect(state.asked[0]!.arguments).not.toHaveProperty('where')
})

test('a subgraph that stands on a block which the chain has left is refused, to be asked again', async () => {
  state.chainHash = `0x${'cd'.repeat(32)}`
  await expect(source().head()).rejects.toMatchObject({ code: 'lineage.on_another_fork', retryable: true })
  state.chainHash = null
  await expect(source().head()).rejects.toMatchObject({ code: 'lineage.on_another_fork', retryable: true })
})

test('a subgraph that failed is refused', async () => {
  state.hasIndexingErrors = true
  await expect(source().head()).rejects.toMatchObject({ code: 'lineage.subgraph_failed', retryable: false })
})

test('a subgraph of another schema is refused, naming what is missing', async () => {
  const other = readEntitySchema('type Ghost @entity { id: Bytes! }')
  await expect(read(null, other)).rejects.toMatchObject({
    code: 'lineage.schema_differs',
    facts: { entities: 'Ghost' },
  })
})

test.each([
  ['errors', '{"errors":[{"message":"Failed to decode `block.hash` value"}]}'],
  ['an RPC error', '{"error":{"code":-32000,"message":"header not found"}}'],
  ['what is no JSON', '<html>502</html>'],
])('an answer of %s can be tried again', async (_, body) => {
  state.body = body
  await expect(source().head()).rejects.toMatchObject({ code: 'lineage.source_unreachable', retryable: true })
})

test('nobody answering can be tried again', async () => {
  const dead = new SubgraphSource({ schema, subgraphUrl: 'http://127.0.0.1:9', rpcUrl: 'http://127.0.0.1:9' })
  await expect(dead.head()).rejects.toMatchObject({ code: 'lineage.source_unreachable', retryable: true })
})
