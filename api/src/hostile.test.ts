import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { join } from 'node:path'
import { deflateSync, gzipSync } from 'node:zlib'
import { getIntrospectionQuery } from 'graphql'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const MAX_GROWTH_BYTES = 50 * 1024 * 1024

let child: ChildProcess
let url: string

beforeAll(async () => {
  child = fork(join(import.meta.dirname, 'testing', 'serve.ts'), { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  const [message] = (await once(child, 'message')) as [{ url: string }]
  url = message.url
})
afterAll(() => void child.disconnect())

type Case = [name: string, request: RequestInit, path?: string]

const json = { 'content-type': 'application/json' }
const post = (body: unknown, headers: Record<string, string> = json): RequestInit => ({
  method: 'POST',
  headers,
  body: typeof body === 'string' || Buffer.isBuffer(body) ? (body as string) : JSON.stringify(body),
})
const ask = (query: unknown, variables?: unknown): RequestInit => post({ query, variables })
const times = (n: number, text: (i: number) => string) => Array.from({ length: n }, (_, i) => text(i)).join(' ')

function bomb(levels: number, width: number, leaf = '_meta { block }'): string {
  const spread = (level: number) => times(width, () => `...f${level}`)
  const fragments = times(levels, (i) => `fragment f${i} on Query { ${i + 1 < levels ? spread(i + 1) : leaf} }`)
  return `{ ${spread(0)} } ${fragments}`
}

const BOMBS: Case[] = [
  ...[2, 3, 4, 5, 8, 10, 20].flatMap((width) =>
    [11, 14, 20].map((levels): Case => [`a fragment bomb, ${width}^${levels}`, ask(bomb(levels, width))]),
  ),
  ['a bomb of inline fragments', ask(`{ ${'... { '.repeat(400)} _meta { block } ${'} '.repeat(400)} _: nothing }`)],
  ['a bomb that nobody spreads', ask(`{ __typename } ${bomb(15, 4).replace('{ ...f0 ...f0 ...f0 ...f0 }', '')}`)],
  ['a bomb behind a directive', ask(bomb(14, 4).replaceAll('...f', '...@include(if: true) { __typename } ...f'))],
]

const LOOP = (size: number) => `{ ...f0 } ${times(size, (i) => `fragment f${i} on Query { ...f${(i + 1) % size} }`)}`
const CYCLES: Case[] = [
  ...[1, 2, 3, 5, 10, 50, 200].map((size): Case => [`a cycle of ${size} fragments`, ask(LOOP(size))]),
  [
    'a cycle through a field',
    ask(
      '{ ...f } fragment f on Query { datanets { nodes { contributions { nodes { datanet { ...g } } } } } } fragment g on Datanet { contributions { nodes { datanet { ...g } } } }',
    ),
  ],
  ['a cycle that nobody spreads', ask('{ __typename } fragment f on Query { ...g } fragment g on Query { ...f }')],
  ['a cycle through an inline fragment', ask('{ ...f } fragment f on Query { ... on Query { ...f } }')],
]

const ALIASES: Case[] = [
  ...[31, 100, 300].map((n): Case => [`${n} aliases`, ask(`{ ${times(n, (i) => `a${i}: __typename`)} }`)]),
  ...[31, 100].map((n): Case => [`${n} aliases deeper`, ask(`{ _meta { ${times(n, (i) => `a${i}: block`)} } }`)]),
  [
    'aliases multiplied by fragments',
    ask(`{ ${times(8, () => '...f')} } fragment f on Query { ${times(5, (i) => `a${i}: __typename`)} }`),
  ],
  [
    'a thousand aliases of a costly field',
    ask(`{ ${times(1_000, (i) => `a${i}: search(text: "abc") { __typename }`)} }`),
  ],
  ['the same field a thousand times', ask(`{ _meta { ${'block '.repeat(1_001)} } }`)],
]

const DEPTHS: Case[] = [
  ...[19, 30, 100, 400].map(
    (depth): Case => [`${depth} levels`, ask(`{ ${'datanet { '.repeat(depth)} id ${'} '.repeat(depth)} }`)],
  ),
  [
    'levels through lists',
    ask(`{ datanets { nodes { ${'contributions { nodes { datanet { '.repeat(6)} id ${'} } } '.repeat(6)} } } }`),
  ],
  [
    'levels through fragments',
    ask(`{ ...f0 } ${times(20, (i) => `fragment f${i} on Query { node { ${i < 19 ? `...f${i + 1}` : 'id'} } }`)}`),
  ],
  [
    'introspection in circles',
    ask(`{ __schema { types { ${'fields { type { '.repeat(7)} name ${'} } '.repeat(7)} } } }`),
  ],
  [
    'introspection in wide circles',
    ask('{ __schema { types { fields { type { fields { type { fields { type { fields { name } } } } } } } } } }'),
  ],
]

const LONG: Case[] = [
  ['2,001 tokens', ask(`{ ${'__typename '.repeat(2_000)} }`)],
  ['a hundred thousand tokens', ask(`{ ${'a '.repeat(100_000)} }`)],
  ['a hundred thousand commas', ask(`{ ${','.repeat(100_000)} passwords }`)],
  ['a long comment', ask(`#${'x'.repeat(200_000)}\n{ passwords }`)],
  ['a long string', ask(`{ search(text: "${'x'.repeat(100_000)}") { __typename } }`)],
  ['a long block string', ask(`{ search(text: """${'x'.repeat(100_000)}""") { __typename } }`)],
  ['a hundred operations', ask(times(100, (i) => `query q${i} { __typename }`))],
  ['twenty-one root fields', ask(`{ ${'__typename '.repeat(21)} }`)],
  ['a thousand directives', ask(`{ __typename ${'@include(if: true) '.repeat(300)} }`)],
  ['a thousand unknown directives', ask(`{ __typename ${times(300, (i) => `@d${i}`)} }`)],
  ['a thousand variables', ask(`query(${times(300, (i) => `$v${i}: Int`)}) { __typename }`)],
]

const LISTS = [
  'datanets',
  'contributions',
  'records',
  'contributors',
  'models',
  'answers',
  'epochs',
  'claims',
  'agents',
  'stakes',
  'stakePools',
  'disputes',
  'proposals',
  'votes',
  'tokenFlows',
  'inferenceNodes',
  'trainingJobs',
  'evaluations',
]
const FIRSTS: Case[] = [
  ...LISTS.map(
    (list): Case => [
      `a million ${list} by variable`,
      ask(`query($n: Int!) { ${list}(first: $n) { nodes { nodeId } } }`, { n: 1_000_000 }),
    ],
  ),
  ...LISTS.map((list): Case => [`101 ${list}`, ask(`{ ${list}(first: 101) { nodes { nodeId } } }`)]),
  ...[0, -1, -2_147_483_648, 2_147_483_647, 2_147_483_648, 1.5, '7', true, null, [], {}, 1e308].map(
    (first): Case => [
      `first: ${JSON.stringify(first)} by variable`,
      ask('query($n: Int!) { datanets(first: $n) { nodes { id } } }', { n: first }),
    ],
  ),
  ['a default of a million', ask('query($n: Int! = 1000000) { datanets(first: $n) { nodes { id } } }')],
  [
    'a million behind a fragment',
    ask('query($n: Int!) { ...f } fragment f on Query { datanets(first: $n) { nodes { id } } }', { n: 1_000_000 }),
  ],
  [
    'a million in an inner list',
    ask('query($n: Int!) { datanets { nodes { records(first: $n) { nodes { title } } } } }', { n: 1_000_000 }),
  ],
  ['a thousand and one shares', ask(`{ answers { nodes { shares(first: 1001) { amountWei } } } }`)],
  [
    'a million influences',
    ask('query($n: Int!) { answers { nodes { evidence { influence(first: $n) { mean } } } } }', { n: 1_000_000 }),
  ],
  [
    'full pages inside full pages',
    ask(
      '{ datanets(first: 100) { nodes { contributions(first: 100) { nodes { records(first: 100) { nodes { title } } } } } } }',
    ),
  ],
  [
    'full pages inside full pages by variable',
    ask(
      'query($n: Int!) { datanets(first: $n) { nodes { records(first: $n) { nodes { title } } } } models(first: $n) { nodes { evaluations(first: $n) { nodes { metric } } } } answers(first: $n) { nodes { shares(first: $n) { amountWei } } } }',
      { n: 100 },
    ),
  ],
  [
    'texts of many lists',
    ask(
      `{ ${times(20, (i) => `a${i}: records(first: 100) { nodes { text contributor { contributions { nodes { records { nodes { text } } } } } } }`)} }`,
    ),
  ],
  [
    'evidence of a hundred answers, a hundred deep',
    ask(
      '{ answers(first: 100) { nodes { evidence { influence(first: 100) { record { text title licence } contributor { name proof { siblings } } } } } } }',
    ),
  ],
]

const nest = (depth: number) => `${'['.repeat(depth)}1${']'.repeat(depth)}`
const VALUES: Case[] = [
  ...[6, 50, 500].map(
    (depth): Case => [
      `a literal list ${depth} deep`,
      ask(`{ datanets(where: {id_in: ${nest(depth)}}) { nodes { id } } }`),
    ],
  ),
  ...[9, 100, 5_000, 50_000].map(
    (depth): Case => [
      `a variable ${depth} deep`,
      post(
        `{"query":"query($w: DatanetWhere) { datanets(where: $w) { nodes { id } } }","variables":{"w":${nest(depth)}}}`,
      ),
    ],
  ),
  [
    'a literal list of 101',
    ask(`{ datanets(where: {id_in: [${times(101, () => `"0x${'0'.repeat(64)}"`)}]}) { nodes { id } } }`),
  ],
  [
    'a variable of 6,001 values',
    ask('query($w: DatanetWhere) { datanets(where: $w) { nodes { id } } }', {
      w: { id_in: Array.from({ length: 3_000 }, () => `0x${'0'.repeat(64)}`) },
    }),
  ],
  [
    'a variable of 101 values',
    ask('query($w: DatanetWhere) { datanets(where: $w) { nodes { id } } }', {
      w: { id_in: Array.from({ length: 101 }, () => `0x${'0'.repeat(64)}`) },
    }),
  ],
  [
    'an object of a thousand keys',
    ask('query($w: DatanetWhere) { datanets(where: $w) { nodes { id } } }', {
      w: Object.fromEntries(Array.from({ length: 1_100 }, (_, i) => [`k${i}`, i])),
    }),
  ],
  ['a filter that is none', ask('{ datanets(where: {password: "x"}) { nodes { id } } }')],
  ['a filter into another entity', ask('{ datanets(where: {owner_: {id: "0x"}}) { nodes { id } } }')],
  [
    'a prototype as variable',
    post(
      '{"query":"query($w: DatanetWhere) { datanets(where: $w) { nodes { id } } }","variables":{"w":{"__proto__":{"a":1}}}}',
    ),
  ],
  ['an order that is none', ask('{ datanets(orderBy: password) { nodes { id } } }')],
  [
    'an order with a selection in it',
    ask('query($o: DatanetOrderBy!) { datanets(orderBy: $o) { nodes { id } } }', {
      o: 'id) { id } x: accounts(first: 1',
    }),
  ],
  ['a number of 80 digits', ask(`{ datanets(where: {recordCount_gte: "${'9'.repeat(80)}"}) { nodes { id } } }`)],
  ['an address that is none', ask('{ contributor(account: "0xABC") { name } }')],
  ['a digest in capitals', ask(`{ record(digest: "0x${'AB'.repeat(32)}") { cid } }`)],
  ['a block of 2^31', ask('{ datanets(block: 2147483648) { nodes { id } } }')],
  ['two blocks', ask('{ datanets(block: 1) { nodes { id } } _meta(block: 2) { block } }')],
]

const CURSORS: Case[] = [
  'x',
  '',
  'W10',
  'WyJ4Il0',
  'e30',
  'bnVsbA',
  '%00',
  '../../etc/passwd',
  'A'.repeat(5_000),
  Buffer.from('["1","0x\'; drop"]').toString('base64url'),
  Buffer.from('[{"a":1},"0x12"]').toString('base64url'),
  Buffer.from('[1e400,"0x12"]').toString('base64url'),
].map(
  (cursor): Case => [
    `the cursor ${cursor.slice(0, 20)}`,
    ask('query($c: String) { datanets(after: $c) { nodes { id } } }', { c: cursor }),
  ],
)

const SYNTAX: Case[] = [
  ...[
    '{',
    '}',
    '',
    ' ',
    'query',
    '{ a(',
    '{ "a" }',
    '\u0000',
    '{ a \uD800 }',
    'mutation { __typename',
    '{ ...on }',
    'type T { a: Int }',
    'fragment on on on { on }',
    '{ passwords }',
    'subscription { __typename passwords }',
  ].map((query): Case => [`the query ${JSON.stringify(query)}`, ask(query)]),
  ...[null, 1, true, [], {}, ['{ __typename }']].map(
    (query): Case => [`a query that is ${JSON.stringify(query)}`, ask(query)],
  ),
  ['an operation that is not there', post({ query: 'query a { __typename }', operationName: 'b' })],
  ['an operation name that is an object', post({ query: 'query a { __typename }', operationName: { a: 1 } })],
  ['variables that are a list', ask('{ __typename }', [1, 2])],
  ['variables that are text', ask('{ __typename }', 'x')],
  ['an unknown hash', post({ extensions: { persistedQuery: { version: 1, sha256Hash: 'a'.repeat(64) } } })],
  ['a hash that is a path', post({ extensions: { persistedQuery: { version: 1, sha256Hash: '../overview' } } })],
  [
    'a persisted query that somebody brings',
    post({ query: '{ passwords }', extensions: { persistedQuery: { version: 1, sha256Hash: 'a'.repeat(64) } } }),
  ],
]

const MEGABYTE = 1024 * 1024
const BODIES: Case[] = [
  ...[0.3, 1, 60].map(
    (size): Case => [
      `a body of ${size} MB`,
      post(JSON.stringify({ query: '{ __typename }', padding: 'x'.repeat(size * MEGABYTE) })),
    ],
  ),
  ['60 MB of spaces', post(`{"query":"${' '.repeat(60 * MEGABYTE)}"}`)],
  [
    '60 MB in gzip',
    post(gzipSync(Buffer.from(`{"query":"${' '.repeat(60 * MEGABYTE)}"}`)), { ...json, 'content-encoding': 'gzip' }),
  ],
  [
    '60 MB in deflate',
    post(deflateSync(Buffer.alloc(60 * MEGABYTE, 0x20)), { ...json, 'content-encoding': 'deflate' }),
  ],
  ['an encoding that is none', post('{}', { ...json, 'content-encoding': 'zip' })],
  ['gzip that is none', post('{}', { ...json, 'content-encoding': 'gzip' })],
  ['a charset that is none', post('{}', { 'content-type': 'application/json; charset=klingon' })],
  ['half a JSON', post('{"query": "{ __typename }"')],
  ['no JSON', post('query { __typename }')],
  ['a text', post(JSON.stringify({ query: '{ __typename }' }), { 'content-type': 'text/plain' })],
  ['a form', post('query=%7B__typename%7D', { 'content-type': 'application/x-www-form-urlencoded' })],
  [
    'a multipart upload',
    post('--x\r\ncontent-disposition: form-data; name="operations"\r\n\r\n{}\r\n--x--', {
      'content-type': 'multipart/form-data; boundary=x',
    }),
  ],
  ['graphql as such', post('{ __typename }', { 'content-type': 'application/graphql' })],
  ['a batch', post([{ query: '{ __typename }' }, { query: '{ __typename }' }])],
  ['a batch of a thousand', post(Array.from({ length: 1_000 }, () => ({ query: '{ __typename }' })))],
  ['an empty batch', post([])],
  ['null', post('null')],
  ['a number', post('1')],
  ['nothing', { method: 'POST', headers: json }],
  ['a deep body', post(`${'['.repeat(100_000)}${']'.repeat(100_000)}`)],
]

const METHODS: Case[] = [
  ['a query by GET', { method: 'GET' }, '/graphql?query=%7B__typename%7D'],
  ['a mutation by GET', { method: 'GET' }, '/graphql?query=mutation%7B__typename%7D'],
  ...['PUT', 'DELETE', 'PATCH', 'OPTIONS'].map((method): Case => [`${method} /graphql`, { method }, '/graphql']),
]

const PATHS: Case[] = [
  '/ipfs/..%2F..%2Fetc%2Fpasswd',
  '/ipfs/%2e%2e%2f%2e%2e%2fetc%2fpasswd',
  '/ipfs/..%5C..%5Cwindows',
  '/ipfs/%00',
  '/ipfs/%ff%fe',
  '/ipfs/%',
  '/ipfs/.incoming',
  '/ipfs/QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPBdG',
  `/ipfs/${'b'.repeat(4_000)}`,
  '/ipfs/bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e',
  '/ipfs/bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e%2F..%2F..',
  '/page.js/../../package.json',
  '/..%2fpackage.json',
  '/%2e%2e/server.ts',
  '/operations/overview.graphql',
  '/src/server.ts',
  '/.env',
  '/.git/config',
  '/__proto__',
  '/constructor',
].map((path): Case => [`the path ${path.slice(0, 60)}`, { method: 'GET' }, path])

const SUBGRAPH: Case[] = [
  ['a fragment bomb for the subgraph', ask(bomb(14, 4)), '/subgraph'],
  ['a cycle for the subgraph', ask(LOOP(3)), '/subgraph'],
  ['a thousand aliases for the subgraph', ask(`{ ${times(400, (i) => `a${i}: datanets { id }`)} }`), '/subgraph'],
  ['a batch for the subgraph', post([{ query: '{ __typename }' }]), '/subgraph'],
  ['a text for the subgraph', post('{ datanets { id } }', { 'content-type': 'text/plain' }), '/subgraph'],
  ['60 MB for the subgraph', post(`{"query":"${' '.repeat(60 * MEGABYTE)}"}`), '/subgraph'],
]

const CASES = [
  ...BOMBS,
  ...CYCLES,
  ...ALIASES,
  ...DEPTHS,
  ...LONG,
  ...FIRSTS,
  ...VALUES,
  ...CURSORS,
  ...SYNTAX,
  ...BODIES,
  ...METHODS,
  ...PATHS,
  ...SUBGRAPH,
]

async function send([, request, path = '/graphql']: Case): Promise<{ status: number; text: string }> {
  try {
    const response = await fetch(`${url}${path}`, request)
    return { status: response.status, text: await response.text() }
  } catch (error) {
    // A server that answers before the body is sent may close the connection under the sender.
    return { status: 499, text: String((error as Error).cause ?? error) }
  }
}

const residentBytes = async () => {
  const text = await (await fetch(`${url}/metrics`)).text()
  return Number(/^process_resident_memory_bytes (\S+)/m.exec(text)![1])
}
const served = async () => (await send(['', ask('{ _meta { block } }')])).text.trim()
const SERVED = '{"data":{"_meta":{"block":7}}}'

describe('each is refused with a 4xx, without data and without a stack', () => {
  test.each(CASES)('%s', async (...request) => {
    const { status, text } = await send(request)
    expect([status >= 400 && status < 500, status, text.slice(0, 300)]).toEqual([true, status, text.slice(0, 300)])
    expect(text).not.toMatch(/"data":\{|node_modules|\bat \S+ \(/)
  })
})

test('there are at least two hundred of them', () => {
  expect(CASES.length).toBeGreaterThanOrEqual(200)
})

test('all of them at once neither fill the memory nor keep others waiting', async () => {
  // Growth of a process that has seen such requests before: the first ones also fill its heap and its compiled code.
  for (let round = 0; round < 2; round++) await Promise.all(CASES.map(send))
  const before = await residentBytes()
  const attacks = Promise.all(CASES.map(send))
  expect(await served()).toBe(SERVED)
  await attacks
  expect((await residentBytes()) - before).toBeLessThan(MAX_GROWTH_BYTES)
  expect(await served()).toBe(SERVED)
})

test('clients that send a byte at a time are cut off, and others served meanwhile', async () => {
  const { hostname, port } = new URL(url)
  const slow = Array.from({ length: 50 }, (_, i) => {
    const socket = connect({ host: hostname, port: Number(port) })
    socket.on('error', () => undefined)
    const path = i % 2 === 0 ? '/graphql' : '/subgraph'
    socket.write(
      `POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{"query"`,
    )
    let received = ''
    socket.on('data', (data) => {
      received += data.toString()
    })
    return new Promise<string>((done) => socket.once('close', () => done(received)))
  })
  expect(await served()).toBe(SERVED)
  const answers = await Promise.all(slow)
  expect(answers.filter((answer) => !answer.startsWith('HTTP/1.1 408'))).toEqual([])
  expect(answers[0]).toContain('http.slow_body')
})

test('what a person’s tools ask is still answered', async () => {
  const { status, text } = await send(['', ask(getIntrospectionQuery())])
  expect([status, text.startsWith('{"data":{"__schema"')]).toEqual([200, true])
})
