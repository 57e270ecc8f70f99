/** Hostile requests: each is refused with its code, and whoever asks properly is served meanwhile. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { LocalNode } from './testing/local-node.ts'
import { tinyAdapterFiles, tinyBaseFiles } from './testing/tiny-files.ts'

/** Another address of this machine, so that its floods count apart from those who behave. */
const ELSEWHERE = '127.0.0.2'
const PER_ADDRESS = 100

let node: LocalNode
beforeAll(async () => {
  node = await LocalNode.start({
    OPENLEDGER_PROMPT_PRICE_WEI: '1',
    OPENLEDGER_COMPLETION_PRICE_WEI: '1',
    OPENLEDGER_SETTLE_EVERY_MS: '0',
    OPENLEDGER_MODELS_EVERY_MS: '100',
    OPENLEDGER_LORA_RANK: '4',
    OPENLEDGER_MAX_CONNECTIONS_PER_ADDRESS: String(PER_ADDRESS),
  })
  const base = await node.publish('tiny', tinyBaseFiles(), null)
  await node.publish('poet', tinyAdapterFiles(1), base)
  await node.chain.deposit(node.payer(0).address, 10n ** 9n)
  await node.untilReady()
})
afterAll(() => node.close())

function open(from = '127.0.0.1'): Socket {
  const { hostname, port } = new URL(node.url)
  const socket = connect({ host: hostname, port: Number(port), localAddress: from })
  socket.on('error', () => undefined)
  return socket
}

/** What the node answers to raw bytes, until it closes the connection. */
async function answerTo(bytes: string | Buffer, from?: string): Promise<string> {
  const socket = open(from)
  let text = ''
  socket.on('data', (chunk) => {
    text += chunk
  })
  socket.write(bytes)
  await once(socket, 'close')
  return text
}

const post = (body: string | Buffer, ...headers: string[]) =>
  Buffer.concat([
    Buffer.from(['POST /v1/completions HTTP/1.1', 'Host: node', 'Connection: close', ...headers, '', ''].join('\r\n')),
    Buffer.from(body),
  ])
const json = (body: string | Buffer, ...headers: string[]) =>
  post(body, 'Content-Type: application/json', `Content-Length: ${Buffer.byteLength(body)}`, ...headers)
const statusOf = (answer: string) => Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1])
const codeOf = (answer: string) => /"code":"([^"]+)"/.exec(answer)?.[1]
const serves = async () => (await node.client(0).complete({ model: 'poet', prompt: 'Well?', max_tokens: 4 })).text

const request = (members: string) => `{"model":"poet","prompt":"x"${members}}`
const nested = (levels: number) => `${'{"items":'.repeat(levels)}{}${'}'.repeat(levels)}`

describe('hostile requests', () => {
  it.each<[what: string, bytes: () => string | Buffer, status: number, code: string]>([
    [
      'a body that says it is huge',
      () => post('{', 'Content-Type: application/json', 'Content-Length: 99999999999'),
      413,
      'request.too_large',
    ],
    ['a body that is huge', () => json(request(`,"stop":"${'x'.repeat(400_000)}"`)), 413, 'request.too_large'],
    [
      'a body in pieces without end',
      () => post(`7d000\r\n${'x'.repeat(512_000)}\r\n`, 'Content-Type: application/json', 'Transfer-Encoding: chunked'),
      413,
      'request.too_large',
    ],
    ['a compressed body', () => json('{}', 'Content-Encoding: gzip'), 415, 'request.invalid'],
    [
      'bytes that are no UTF-8',
      () => json(Buffer.from([...Buffer.from('{"model":"poet","prompt":"'), 0xff, 0xfe, 0x22, 0x7d])),
      400,
      'request.invalid',
    ],
    [
      'another encoding',
      () => json(Buffer.from('{}', 'utf16le'), 'Content-Type: application/json; charset=utf-16'),
      400,
      'request.invalid',
    ],
    ['half of a surrogate pair', () => json(request(',"stop":"\\ud800"')), 400, 'request.invalid'],
    ['NaN', () => json(request(',"temperature":NaN')), 400, 'request.invalid'],
    ['infinity', () => json(request(',"temperature":1e999')), 400, 'request.invalid'],
    ['a huge number', () => json(request(',"presence_penalty":1e308')), 400, 'request.invalid'],
    ['a negative count', () => json(request(',"max_tokens":-1')), 400, 'request.invalid'],
    ['a broken count', () => json(request(',"n":1.5')), 400, 'request.invalid'],
    ['very many answers', () => json(request(',"n":1000000')), 400, 'request.invalid'],
    ['a seed beyond what is exact', () => json(request(',"seed":1e300')), 400, 'request.invalid'],
    ['a bias without bounds', () => json(request(',"logit_bias":{"5":1e308}')), 400, 'request.invalid'],
    ['a bias for what is no token', () => json(request(',"logit_bias":{"five":1}')), 400, 'request.invalid'],
    ['lists within lists', () => json('['.repeat(100_000)), 400, 'request.invalid'],
    [
      'a schema without bottom',
      () => json(request(`,"response_format":{"type":"json_schema","json_schema":{"schema":${nested(1000)}}}`)),
      400,
      'schema.unsupported',
    ],
    [
      'a schema that unfolds',
      () =>
        json(
          request(
            `,"response_format":{"type":"json_schema","json_schema":{"schema":${JSON.stringify({ type: 'object', properties: Object.fromEntries(Array.from({ length: 100 }, (_, i) => [i, { type: 'string', minLength: 999 }])) })}}}`,
          ),
        ),
      400,
      'schema.unsupported',
    ],
    ['a path for a model', () => json('{"model":"../../etc/passwd","prompt":"x"}'), 404, 'model.unknown'],
    [
      'a path for an adapter',
      () => json('{"model":"tiny","adapter_id":"/etc/passwd","prompt":"x"}'),
      404,
      'model.unknown',
    ],
    ['a name of the language', () => json('{"model":"constructor","prompt":"x"}'), 404, 'model.unknown'],
    ['a voucher that is none', () => json(request(''), 'OpenLedger-Voucher: AAAA'), 400, 'voucher.malformed'],
    ['headers without end', () => json('{}', `X-Bomb: ${'x'.repeat(20_000)}`), 431, 'request.too_large'],
    [
      'very many headers',
      () => json('{}', ...Array.from({ length: 3000 }, (_, i) => `X-${i}: 1`)),
      431,
      'request.too_large',
    ],
    ['two lengths', () => post('{}', 'Content-Length: 2', 'Content-Length: 5'), 400, 'request.invalid'],
    ['what is no HTTP', () => 'HELLO\r\n\r\n', 400, 'request.invalid'],
    [
      'a path that cannot be decoded',
      () => 'GET /v1/models/%E0%A4%A HTTP/1.1\r\nHost: node\r\nConnection: close\r\n\r\n',
      400,
      'request.invalid',
    ],
    [
      'a path that climbs',
      () => 'GET /v1/models/..%2f..%2fetc%2fpasswd HTTP/1.1\r\nHost: node\r\nConnection: close\r\n\r\n',
      404,
      'model.unknown',
    ],
  ])('such as %s are refused', async (_, bytes, status, code) => {
    const answer = await answerTo(bytes())
    expect([statusOf(answer), codeOf(answer)]).toEqual([status, code])
    expect(answer).not.toMatch(/node_modules|\bat .*\.ts/)
  })

  it('refuses those of 1,000 connections that are too many, while others are served', async () => {
    const idle = Array.from({ length: 1000 }, () => open(ELSEWHERE))
    const closed = idle.map((socket) => once(socket, 'close'))
    await Promise.all(idle.slice(0, PER_ADDRESS).map((socket) => once(socket, 'connect')))
    expect(await serves()).toEqual(expect.any(String))
    const refused = await answerTo('GET /v1/models HTTP/1.1\r\nHost: node\r\n\r\n', ELSEWHERE)
    expect([statusOf(refused), codeOf(refused)]).toEqual([429, 'address.busy'])
    expect(refused).toMatch(/retry-after: 1/i)
    // Those beyond the limit are let go though they say nothing.
    await Promise.all(closed.slice(-500))
    expect(await serves()).toEqual(expect.any(String))
    for (const socket of idle) socket.destroy()
  })

  it('lets go of clients that send their headers one byte at a time, while others are served', async () => {
    const slow = Array.from({ length: 20 }, () => open('127.0.0.4'))
    const heard = slow.map(() => '')
    slow.forEach((socket, i) => {
      socket.write('POST /v1/completions HTTP/1.1\r\nHost: node\r\n')
      socket.on('data', (chunk: Buffer) => {
        heard[i]! += chunk.toString()
      })
    })
    let bytes = 0
    const timer = setInterval(() => {
      // Not to the very end: who sends into a closing connection loses what the other side said last.
      if (bytes++ < 20) for (const socket of slow) socket.write('X')
    }, 200)
    expect(await serves()).toEqual(expect.any(String))
    await Promise.all(slow.map((socket) => (socket.closed ? undefined : once(socket, 'close'))))
    clearInterval(timer)
    expect(heard.map(statusOf)).toEqual(slow.map(() => 408))
  })

  it('tells an address that asks too often when to come back', async () => {
    const socket = open('127.0.0.3')
    let text = ''
    socket.on('data', (chunk) => {
      text += chunk
    })
    socket.write('GET /healthz HTTP/1.1\r\nHost: node\r\n\r\n'.repeat(2000))
    await expect.poll(() => text, { timeout: 30_000 }).toContain('address.busy')
    expect(text).toMatch(/HTTP\/1\.1 429/)
    socket.destroy()
    expect(await serves()).toEqual(expect.any(String))
  })
})
