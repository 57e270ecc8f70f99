import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type ApiUnderTest, startApiUnderTest, word } from '../testing/index.ts'

type Asked = { method: string; url: string; headers: IncomingMessage['headers']; body: string }

let behind: Server
let api: ApiUnderTest
const asked: Asked[] = []

beforeAll(async () => {
  behind = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    asked.push({ method: request.method!, url: request.url!, headers: request.headers, body })
    response.writeHead(request.url!.includes('chat') ? 402 : 200, {
      'content-type': 'application/json',
      'set-cookie': 'a=b',
    })
    response.write('{"first":1,')
    setTimeout(() => response.end('"last":2}'), 20)
  })
  behind.listen(0, '127.0.0.1')
  await once(behind, 'listening')
  const url = `http://127.0.0.1:${(behind.address() as AddressInfo).port}`
  api = await startApiUnderTest({}, { inferenceUrl: url, engineUrl: url, rpcUrl: url })
})

afterAll(async () => {
  await api.close()
  behind.closeAllConnections()
  behind.close()
})

beforeEach(() => void asked.splice(0))

const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(`${api.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })

describe('services behind the api', () => {
  test('a question goes to the node with its voucher, and the answer comes back as it was given', async () => {
    const response = await post('/inference/v1/chat/completions', { model: 'm' }, { 'openledger-voucher': 'v' })
    expect(response.status).toBe(402)
    expect(await response.json()).toEqual({ first: 1, last: 2 })
    expect(asked[0]).toMatchObject({ method: 'POST', url: '/v1/chat/completions', body: '{"model":"m"}' })
    expect(asked[0]!.headers['openledger-voucher']).toBe('v')
  })

  test('neither cookies nor origins go through, in either direction', async () => {
    const response = await post('/inference/v1/completions', {}, { cookie: 'c=d', origin: 'https://else.where' })
    expect(response.headers.get('set-cookie')).toBeNull()
    await response.text()
    expect(asked[0]!.headers).not.toHaveProperty('cookie')
    expect(asked[0]!.headers).not.toHaveProperty('origin')
  })

  test('what only reads goes to the engine', async () => {
    const response = await fetch(`${api.url}/engine/answers/${word(1)}/evidence`)
    expect(await response.json()).toEqual({ first: 1, last: 2 })
  })

  test.each([
    ['POST', '/inference/admin/settle'],
    ['POST', '/inference/v1/load_lora_adapter'],
    ['POST', '/inference/v1/unload_lora_adapter'],
    ['GET', '/inference/v1/models/..%2f..%2fadmin'],
    ['POST', '/engine/epochs'],
    ['DELETE', '/engine/epochs'],
  ])('%s %s is for the operator and goes nowhere', async (method, path) => {
    const response = await fetch(`${api.url}${path}`, { method })
    expect(response.status).toBe(404)
    expect(asked).toEqual([])
  })

  test('reads of the chain go through, alone or in a batch', async () => {
    const call = { jsonrpc: '2.0', id: 1, method: 'eth_blockNumber', params: [] }
    expect((await post('/chain', call)).status).toBe(200)
    expect((await post('/chain', [call, call])).status).toBe(200)
    expect(asked.map(({ body }) => JSON.parse(body))).toEqual([call, [call, call]])
  })

  test.each([
    ['anvil_setBalance', { method: 'anvil_setBalance' }],
    ['an account that the chain holds open', { method: 'eth_sendTransaction' }],
    ['a batch that hides one', [{ method: 'eth_call' }, { method: 'evm_mine' }]],
    ['no call at all', []],
    ['a batch beyond all measure', Array(101).fill({ method: 'eth_call' })],
  ])('%s does not', async (_, body) => {
    const response = await post('/chain', body)
    expect(response.status).toBe(403)
    expect(await response.json()).toMatchObject({ error: { code: 'chain.not_passed_on' } })
    expect(asked).toEqual([])
  })

  test('a service that does not answer is named as silent', async () => {
    const alone = await startApiUnderTest()
    try {
      const response = await fetch(`${alone.url}/inference/v1/models`)
      expect(response.status).toBe(502)
      expect(await response.json()).toMatchObject({ error: { code: 'service.silent', retryable: true } })
    } finally {
      await alone.close()
    }
  })
})
