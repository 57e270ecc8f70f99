import { mkdtemp } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DiskContentStore } from '@openledger/content-store'
import { CONTRACT_NAMES, type Deployment } from '@openledger/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createApiServer } from './server.ts'

const hash = (n: number) => `0x${n.toString(16).padStart(64, '0')}`
const asked: string[] = []

/** An index at block 7 with three Datanets: enough to see which block is asked for and how pages are cut. */
function answerAsIndex({ query, variables }: { query: string; variables: Record<string, never> }): unknown {
  asked.push(query)
  if (query.includes('hasIndexingErrors')) {
    return { _meta: { hasIndexingErrors: false, block: { number: 7, hash: hash(7), timestamp: 1_790_000_000 } } }
  }
  expect(variables.block).toBe(7)
  if (query.includes('rows: datanets')) {
    const rows = [3, 2, 1].map((n) => ({ cursorId: hash(n), cursorValue: String(n), id: hash(n), name: `net ${n}` }))
    return { rows: JSON.stringify(variables.where) === '{}' ? rows.slice(0, variables.count) : rows.slice(2) }
  }
  if (query.includes('receiptHash: $receiptHash')) return { answers: [] }
  throw new Error(`not in this index: ${query}`)
}

let index: Server
let api: Awaited<ReturnType<typeof createApiServer>>
let url: string
let contentStore: DiskContentStore

beforeAll(async () => {
  index = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    try {
      response.end(JSON.stringify({ data: answerAsIndex(JSON.parse(body)) }))
    } catch (error) {
      response.end(JSON.stringify({ errors: [{ message: String(error) }] }))
    }
  })
  const indexUrl = await listen(index)
  contentStore = new DiskContentStore(await mkdtemp(join(tmpdir(), 'openledger-api-')))
  api = await createApiServer({
    subgraphUrl: indexUrl,
    engineUrl: 'http://127.0.0.1:9',
    rpcUrl: 'http://127.0.0.1:9',
    inferenceUrl: 'http://127.0.0.1:9',
    maxLagBlocks: 5,
    contentStore,
    deployment: {
      chainId: 31337,
      network: 'test',
      startBlock: 0,
      contracts: Object.fromEntries(CONTRACT_NAMES.map((name) => [name, { address: `0x${'1'.repeat(40)}`, block: 0 }])),
    } as Deployment,
  })
  url = await listen(api.server)
})

afterAll(async () => {
  await api.close()
  api.server.close()
  index.close()
})

function listen(server: Server): Promise<string> {
  return new Promise((done) => {
    server.listen(0, '127.0.0.1', () => done(`http://127.0.0.1:${(server.address() as AddressInfo).port}`))
  })
}

async function ask(query: string, variables: Record<string, unknown> = {}) {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  })
  return { status: response.status, body: (await response.json()) as { data?: never; errors?: never[] } }
}

describe('/graphql', () => {
  test('a page holds as many as asked and its cursor leads to the next', async () => {
    const query =
      'query($after: String) { datanets(first: 2, after: $after) { nodes { name } pageInfo { hasNextPage endCursor } } }'
    const first = (await ask(query)).body.data as unknown as {
      datanets: { nodes: unknown[]; pageInfo: { hasNextPage: boolean; endCursor: string } }
    }
    expect(first.datanets.nodes).toEqual([{ name: 'net 3' }, { name: 'net 2' }])
    expect(first.datanets.pageInfo.hasNextPage).toBe(true)
    const second = await ask(query, { after: first.datanets.pageInfo.endCursor })
    expect(second.body.data).toMatchObject({
      datanets: { nodes: [{ name: 'net 1' }], pageInfo: { hasNextPage: false } },
    })
  })

  test('an unknown answer is null, not an error', async () => {
    expect((await ask(`{ answer(receiptHash: "${hash(1)}") { text } }`)).body).toEqual({ data: { answer: null } })
  })

  test.each([
    ['a page of none', '{ datanets(first: 0) { nodes { id } } }', 'page.first_out_of_range'],
    ['a page of all', '{ datanets(first: 101) { nodes { id } } }', 'page.first_out_of_range'],
    ['a cursor of one’s own', '{ datanets(after: "WyJ4Il0") { nodes { id } } }', 'page.cursor_malformed'],
    ['a field that is not there', '{ passwords }', 'GRAPHQL_VALIDATION_FAILED'],
    [
      'an id in another spelling',
      `{ answer(receiptHash: "0x${'AB'.repeat(32)}") { text } }`,
      'GRAPHQL_VALIDATION_FAILED',
    ],
  ])('%s is refused with a code and a hint, without a stack', async (_, query, code) => {
    const { body } = await ask(query)
    expect(body.errors?.[0]).toMatchObject({
      extensions: { code, hint: expect.any(String), docsUrl: expect.any(String) },
    })
    expect(JSON.stringify(body)).not.toMatch(/stack|node_modules/i)
  })

  test('an index that cannot answer is reported as such, and may be asked again', async () => {
    const { body } = await ask('{ epochs { nodes { number } } }')
    expect(body.errors?.[0]).toMatchObject({ extensions: { code: 'index.unavailable', retryable: true } })
  })

  test('a fragment bomb is refused before it is expanded', async () => {
    const levels = Array.from({ length: 14 }, (_, i) => `fragment f${i} on Query { ${`...f${i + 1} `.repeat(4)} }`)
    const bomb = `{ ...f0 } ${levels.join(' ')} fragment f14 on Query { _meta { block } }`
    const before = asked.length
    const { status, body } = await ask(bomb)
    expect(status).toBe(400)
    expect(body.data).toBeUndefined()
    expect(asked.length).toBe(before)
  })

  test.each([
    ['a thousand aliases', `{ ${Array.from({ length: 1000 }, (_, i) => `a${i}: _meta { block }`).join(' ')} }`],
    ['a very long query', `{ _meta { ${'block '.repeat(5000)} } }`],
  ])('%s is refused', async (_, query) => {
    const { status, body } = await ask(query)
    expect(status).toBe(400)
    expect(body.data).toBeUndefined()
  })

  test('a body of megabytes is refused', async () => {
    const { status } = await ask('{ _meta { block } }', { padding: 'x'.repeat(1_000_000) })
    expect(status).toBe(413)
  })
})

describe('the other paths', () => {
  test('content is handed out by CID as data that a browser does not run', async () => {
    const cid = await contentStore.put(new TextEncoder().encode('<script>alert(1)</script>'))
    const response = await fetch(`${url}/ipfs/${cid}`)
    expect(await response.text()).toBe('<script>alert(1)</script>')
    expect(response.headers.get('content-type')).toContain('application/octet-stream')
    expect(response.headers.get('content-security-policy')).toContain('sandbox')
  })

  test.each([
    ['/ipfs/..%2F..%2Fetc%2Fpasswd', 400, 'cid.malformed'],
    ['/ipfs/bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e', 404, 'content.missing'],
    ['/nothing/here', 404, 'http.no_such_path'],
  ])('%s is answered with %i and its code', async (path, status, code) => {
    const response = await fetch(`${url}${path}`)
    expect(response.status).toBe(status)
    expect(await response.json()).toMatchObject({ error: { code, nextStep: expect.any(String) } })
  })

  test('the api lives although the chain does not, but is not ready', async () => {
    expect((await fetch(`${url}/healthz`)).status).toBe(200)
    const ready = await fetch(`${url}/readyz`)
    expect(ready.status).toBe(503)
    expect(await ready.json()).toMatchObject({ ready: false, indexedBlock: 7, chainHead: null })
  })

  test('the page allows no script but its own', async () => {
    const page = await fetch(`${url}/`)
    expect(page.headers.get('content-security-policy')).toContain("script-src 'self'")
    expect(await page.text()).not.toMatch(/<script(?![^>]*src=)/)
  })
})
