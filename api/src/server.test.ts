import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ApiUnderTest, account, startApiUnderTest, word } from './testing/api-under-test.ts'

const hash = word
const DATANETS = [1, 2, 3].map((n) => ({
  ...{
    id: word(n),
    name: `net ${n}`,
    modality: 'Text',
    licence: 'MIT',
    licenceFlags: 3,
    royaltyPpm: 0,
    owner: account(n),
  },
  ...{
    isCurated: n === 2,
    isDisputed: false,
    version: 1,
    recordCount: String(n),
    contributorCount: 1,
    sizeBytes: '10',
  },
  ...{ blockNumber: '5', timestamp: '1790000000' },
}))

let api: ApiUnderTest
let url: string
let ask: ApiUnderTest['ask']

beforeAll(async () => {
  api = await startApiUnderTest({
    Datanet: DATANETS,
    Account: [1, 2, 3].map((n) => ({
      id: account(n),
      contributionCount: n,
      recordCount: '1',
      claimedWei: '0',
      balanceWei: '0',
    })),
  })
  url = api.url
  ask = api.ask
})

afterAll(() => api.close())

describe('/graphql', () => {
  test('a page holds as many as asked and its cursor leads to the next', async () => {
    const query =
      'query($after: String) { datanets(first: 2, after: $after) { nodes { name } edges { cursor node { name } } pageInfo { hasNextPage hasPreviousPage endCursor } } }'
    const first = (await ask(query)).body.data.datanets
    expect(first.nodes).toEqual([{ name: 'net 3' }, { name: 'net 2' }])
    expect(first.edges.at(-1)).toEqual({ cursor: first.pageInfo.endCursor, node: { name: 'net 2' } })
    expect(first.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: false })
    const second = await ask(query, { after: first.pageInfo.endCursor })
    expect(second.body.data).toMatchObject({
      datanets: { nodes: [{ name: 'net 1' }], pageInfo: { hasNextPage: false, hasPreviousPage: true } },
    })
  })

  test('a page from the middle names the range that it begins with, for the database to jump there', async () => {
    const query =
      'query($after: String) { datanets(first: 1, after: $after, orderBy: recordCount) { pageInfo { endCursor } } }'
    const { endCursor } = (await ask(query)).body.data.datanets.pageInfo
    await ask(query, { after: endCursor })
    expect(api.index.asked.at(-1)?.variables.where).toEqual({
      and: [{ recordCount_lte: '3' }, { or: [{ recordCount_lt: '3' }, { id_lt: word(3) }] }],
    })
  })

  test('a list takes the subgraph’s words for what is in it and in what order', async () => {
    const list = async (list: string) =>
      (await ask(`{ datanets(${list}) { nodes { name } } }`)).body.data.datanets.nodes
    expect(await list('where: {isCurated: true}')).toEqual([{ name: 'net 2' }])
    expect(await list('where: {recordCount_gte: "2", name_contains_nocase: "NET"}, orderBy: recordCount')).toEqual([
      { name: 'net 3' },
      { name: 'net 2' },
    ])
    expect(await list('orderBy: name, orderDirection: asc')).toHaveLength(3)
  })

  test('everything with a nodeId is given again by it', async () => {
    const { nodeId } = (await ask(`{ datanet(id: "${hash(2)}") { nodeId } }`)).body.data.datanet
    const query = 'query($id: ID!) { node(id: $id) { nodeId ... on Datanet { name } } }'
    expect((await ask(query, { id: nodeId })).body.data.node).toEqual({ nodeId, name: 'net 2' })
    expect((await ask(query, { id: 'Datanet:0x12' })).body.data.node).toBeNull()
    expect((await ask(query, { id: 'Passwords:0x12' })).body.errors?.[0].extensions.code).toBe('node.malformed_id')
  })

  test('a search finds what holds the text in its name, whatever its case', async () => {
    const { body } = await ask('{ search(text: "NET 1") { ... on Datanet { name } } }')
    expect(body.data.search).toEqual([{ name: 'net 1' }])
    expect((await ask('{ search(text: " x ") { __typename } }')).body.errors?.[0].extensions.code).toBe('search.length')
  })

  test('the block that a field names holds for the whole request', async () => {
    api.index.asked.length = 0
    const query =
      'query($at: Int) { datanets(block: $at) { nodes { id } } epochs { nodes { number } } _meta { block } }'
    const { body } = await ask(query, { at: 3 })
    expect(body.data._meta.block).toBe(3)
    const blocks = api.index.asked.map(({ variables }) => variables.block).filter((block) => block !== undefined)
    expect(new Set(blocks)).toEqual(new Set([3]))
  })

  test.each([
    ['a block that is not indexed yet', '{ datanets(block: 8) { nodes { id } } }', 'block.not_indexed', 503],
    ['a block before the contracts', '{ datanets(block: 0) { nodes { id } } }', 'block.not_indexed', 400],
    ['two blocks at once', '{ datanets(block: 3) { nodes { id } } _meta(block: 4) { block } }', 'block.several', 400],
  ])('%s is refused', async (_, query, code, status) => {
    const answered = await ask(query)
    expect(answered.body.errors?.[0].extensions.code).toBe(code)
    expect(answered.status).toBe(status)
  })

  test('what is asked for twice in a request is read once', async () => {
    api.index.asked.length = 0
    await ask(
      `{ a: datanet(id: "${hash(1)}") { name } b: datanet(id: "${hash(2)}") { name } c: datanet(id: "${hash(1)}") { id } }`,
    )
    expect(api.index.asked.filter(({ query }) => query.includes('datanets('))).toHaveLength(1)
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

  test('an operation of our own page is asked by its hash', async () => {
    const hashes = (await (await fetch(`${url}/operations.json`)).json()) as Record<string, string>
    const post = async (body: unknown) => {
      const response = await fetch(`${url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
      return { status: response.status, body: (await response.json()) as never }
    }
    const known = await post({ extensions: { persistedQuery: { version: 1, sha256Hash: hashes.overview } } })
    expect(known.body).toMatchObject({ data: { _meta: { block: 7 }, answers: { nodes: [] } } })
    const unknown = await post({ extensions: { persistedQuery: { version: 1, sha256Hash: 'ab'.repeat(32) } } })
    expect(unknown).toMatchObject({
      status: 404,
      body: { errors: [{ extensions: { code: 'graphql.unknown_operation' } }] },
    })
  })

  test('an api with a safelist answers nothing else', async () => {
    const closed = await startApiUnderTest({}, { safelistOnly: true })
    try {
      expect(await closed.ask('{ __typename }')).toMatchObject({
        status: 403,
        body: { errors: [{ extensions: { code: 'graphql.not_safelisted' } }] },
      })
    } finally {
      await closed.close()
    }
  })

  test('an address that asks too often is told to wait', async () => {
    const patient = await startApiUnderTest({}, { requestsPerMinute: 30 })
    try {
      const answers = []
      for (let i = 0; i < 4; i++) answers.push(await patient.ask('{ __typename }'))
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 429])
      expect(answers[3]!.body.errors?.[0].extensions).toMatchObject({ code: 'http.too_many_requests', retryable: true })
    } finally {
      await patient.close()
    }
  })

  test('a caller’s trace goes on to the index', async () => {
    const { startTracing } = await import('./tracing.ts')
    const tracing = startTracing(undefined)
    const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`
    api.index.headers.length = 0
    await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', traceparent },
      body: JSON.stringify({ query: '{ votes(first: 7) { nodes { reason } } }' }),
    })
    expect(api.index.headers.at(-1)?.traceparent).toMatch(new RegExp(`^00-${'a'.repeat(32)}-[0-9a-f]{16}-01$`))
    await tracing.close()
  })
})

describe('the other paths', () => {
  test('content is handed out by CID as data that a browser does not run', async () => {
    const cid = await api.contentStore.put(new TextEncoder().encode('<script>alert(1)</script>'))
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
