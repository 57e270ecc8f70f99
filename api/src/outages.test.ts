import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { FileContentStore } from '@openledger/content-store'
import { OpenLedgerError } from '@openledger/protocol'
import { afterEach, describe, expect, test } from 'vitest'
import type { ApiServerOptions } from './server.ts'
import { type ApiUnderTest, account, startApiUnderTest, word } from './testing/api-under-test.ts'
import type { StoredRow } from './testing/entity-rows.ts'

const BATCH = { id: '0xba', receiptsRoot: word(8), receiptsCid: 'x', transactionHash: word(9), blockNumber: '5' }
const ROWS: Record<string, StoredRow[]> = {
  Datanet: [{ id: word(1), name: 'texts', blockNumber: '3', owner: account(1) }],
  Account: [{ id: account(1) }],
  ReceiptBatch: [BATCH],
  Answer: [
    {
      ...{
        id: '0xa0',
        receiptHash: word(5),
        batch: BATCH.id,
        node: account(1),
        requestHash: word(6),
        responseHash: word(7),
      },
      ...{
        engineHash: word(1),
        previousReceipt: word(0),
        sequence: '0',
        priceWei: '5',
        timestampMs: '1',
        promptTokens: '1',
      },
      completionTokens: '1',
    },
  ],
}
const ANSWER = `{ answer(receiptHash: "${word(5)}") { priceWei text evidence { cid } } }`

const closing: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

async function start(options: Partial<ApiServerOptions> = {}): Promise<ApiUnderTest> {
  const api = await startApiUnderTest(ROWS, { queryTimeoutMs: 3_000, ...options })
  closing.push(() => api.close())
  // What is read for the first time is parsed and checked: that is not what these tests wait for.
  await api.index.answer('{ answers { id } }', {})
  return api
}

/** A service that behaves as told. */
async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  closing.push(() => {
    server.close()
    server.closeAllConnections()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
const chainAt = (block: number) =>
  serve(
    (_, response) => void response.end(JSON.stringify({ jsonrpc: '2.0', id: 1, result: `0x${block.toString(16)}` })),
  )

const hanging = { get: () => new Promise<never>(() => undefined) } as unknown as FileContentStore
const unreachable = {
  get: async () => {
    throw new OpenLedgerError('content.unreachable', 'No.', { nextStep: 'Wait.', retryable: true })
  },
} as unknown as FileContentStore

describe('the engine', () => {
  test.each([
    ['is down', undefined],
    ['hangs', () => undefined],
    [
      'breaks off',
      ((_, response) => void response.writeHead(200).write('{"ci', () => response.destroy())) as RequestListener,
    ],
  ])('%s: the answer comes without evidence and says so', async (_, listener) => {
    const api = await start(listener === undefined ? {} : { engineUrl: await serve(listener) })
    const { status, body } = await api.ask(ANSWER)
    expect(status).toBe(200)
    expect(body.data.answer).toEqual({ priceWei: '5', text: null, evidence: null })
    expect(body.errors).toMatchObject([{ path: ['answer', 'evidence'], extensions: { code: 'engine.unavailable' } }])
    expect(body.extensions.missing).toEqual([
      { source: 'engine', code: 'engine.unavailable', sinceBlock: null, hint: expect.stringMatching(/^Evidence/) },
    ])
  })

  test('that answered before is missing since the block of that answer', async () => {
    let isUp = true
    const engineUrl = await serve((_, response) => void response.writeHead(isUp ? 404 : 200).end(isUp ? '{}' : '{"ci'))
    const api = await start({ engineUrl })
    expect((await api.ask(ANSWER)).body).toMatchObject({ data: { answer: { evidence: null } } })
    isUp = false
    api.index.block = { ...api.index.block, number: 9, hash: word(9) }
    await expect.poll(async () => (await api.ask(ANSWER)).body.extensions?.missing).toMatchObject([{ sinceBlock: 7 }])
  })
})

describe('the content store', () => {
  test.each([
    ['hangs', hanging],
    ['is down', unreachable],
  ])('%s: what the index knows is answered, texts are missing', async (_, contentStore) => {
    const api = await start({ contentStore })
    const { body } = await api.ask(
      `{ answer(receiptHash: "${word(5)}") { priceWei text } datanets { nodes { name } } }`,
    )
    expect(body.data).toEqual({ answer: { priceWei: '5', text: null }, datanets: { nodes: [{ name: 'texts' }] } })
    expect(body.extensions.missing).toMatchObject([{ source: 'content', code: 'content.unreachable' }])
  })
})

describe('the index', () => {
  test.each(['hangs', 'refuses'] as const)(
    '%s: the refusal says so in time, and that it may be asked again',
    async (mood) => {
      const api = await start()
      api.index.mood = mood
      const { status, body } = await api.ask('{ datanets { nodes { name } } }')
      expect(status).toBe(503)
      expect(body.errors?.[0].extensions).toMatchObject({ retryable: true, code: expect.stringMatching(/^index\./) })
      expect(JSON.stringify(body)).not.toMatch(/127\.0\.0\.1|stack/)
    },
  )

  test('that is down is named by _meta.missing, which needs no index', async () => {
    const api = await start()
    api.index.mood = 'hangs'
    const { body } = await api.ask('{ _meta { missing { source code } } }')
    expect(body.data._meta.missing.map(({ source }: { source: string }) => source).sort()).toEqual([
      'chain',
      'engine',
      'index',
      'node',
    ])
  })

  test('that comes back is asked again', async () => {
    const api = await start()
    api.index.mood = 'refuses'
    await api.ask('{ datanets { nodes { name } } }')
    api.index.mood = 'answers'
    await expect.poll(async () => (await api.ask('{ datanets { nodes { name } } }')).status).toBe(200)
  })

  test('that lags answers, and says since which block', async () => {
    const api = await start({ rpcUrl: await chainAt(100), maxLagBlocks: 20 })
    expect((await api.ask('{ _meta { block lagBlocks } }')).body.data._meta).toEqual({ block: 7, lagBlocks: 93 })
    const { body } = await api.ask('{ datanets { nodes { name } } }')
    expect(body.data.datanets.nodes).toHaveLength(1)
    expect(body.extensions.missing).toMatchObject([{ source: 'index', code: 'index.behind', sinceBlock: 7 }])
    const ready = await fetch(`${api.url}/readyz`)
    expect([ready.status, await ready.json()]).toEqual([
      503,
      { ready: false, indexedBlock: 7, chainHead: 100, lagBlocks: 93 },
    ])
  })

  test('that lags is not missing to who asks for an old block', async () => {
    const api = await start({ rpcUrl: await chainAt(100), maxLagBlocks: 20 })
    const { body } = await api.ask('{ _meta(block: 5) { block lagBlocks } }')
    expect(body).toEqual({ data: { _meta: { block: 5, lagBlocks: 93 } } })
  })
})

test('a node that is down is named where somebody asks, and keeps nobody from reading', async () => {
  const api = await start({ rpcUrl: await chainAt(8) })
  const { body } = await api.ask('{ datanets { nodes { name } } _meta { missing { source } } }')
  expect(body.data.datanets.nodes).toHaveLength(1)
  expect(body.data._meta.missing).toEqual(expect.arrayContaining([{ source: 'node' }]))
})
