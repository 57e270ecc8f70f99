import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  inferenceDomain,
  jsonDigest,
  type RequestTranscript,
  type ResponseTranscript,
  signReceipt,
} from '@openledger/protocol'
import { Wallet } from 'ethers'
import { afterEach, describe, expect, it } from 'vitest'
import { PayingClient } from './paying-client.ts'

const domain = inferenceDomain(31337, `0x${'e'.repeat(40)}`)
const nodeKey = new Wallet(`0x${'33'.repeat(32)}`)
const signer = new Wallet(`0x${'11'.repeat(32)}`)
const address = (wallet: Wallet) => wallet.address.toLowerCase() as `0x${string}`
const modelId = `0x${'3'.repeat(64)}` as const

let close: () => void = () => undefined
afterEach(() => close())

/** A node that answers as a test tells it to. */
async function startNode(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<PayingClient> {
  const server = createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  close = () => {
    server.close()
    server.closeAllConnections()
  }
  const { port } = server.address() as AddressInfo
  return new PayingClient({ signer, domain, nodeUrl: `http://127.0.0.1:${port}/` })
}

const request: RequestTranscript = {
  kind: 'openledger/request@1',
  modelId,
  prompt: 'p',
  promptTokenIds: [1],
  maxTokens: 2,
  temperature: 0,
  topP: 1,
  seed: 0,
  stop: [],
  nonce: `0x${'9'.repeat(64)}`,
}
const response: ResponseTranscript = {
  kind: 'openledger/response@1',
  tokenIds: [4, 5],
  text: 'ab',
  finishReason: 'length',
}

async function receiptOf(key = nodeKey, changes: object = {}) {
  return signReceipt(key, domain, {
    requestHash: jsonDigest(request),
    responseHash: jsonDigest(response),
    baseModelId: modelId,
    modelId,
    engineHash: `0x${'8'.repeat(64)}`,
    previousReceipt: `0x${'0'.repeat(64)}`,
    promptTokens: '1',
    completionTokens: '2',
    priceWei: '7',
    payer: address(signer),
    node: address(nodeKey),
    sequence: '0',
    timestampMs: '1',
    ...changes,
  })
}

type Signed = Awaited<ReturnType<typeof receiptOf>>

/** Answers with `text` and shows `signed` with the transcripts. */
const serving =
  (signed: Signed, text = 'ab', shown: object = { request, response }) =>
  (asked: IncomingMessage, reply: ServerResponse) => {
    if (asked.url!.startsWith('/v1/receipts/')) return void reply.end(JSON.stringify({ ...signed, ...shown }))
    const attribution = { receipt: signed.receiptHash, priceWei: '7' }
    const usage = { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 }
    reply.write(`data: ${JSON.stringify({ choices: [{ text }] })}\n\n`)
    reply.end(`data: ${JSON.stringify({ choices: [{ text: '' }], attribution, usage })}\n\ndata: [DONE]\n\n`)
  }

const ask = (client: PayingClient) => client.complete({ model: 'm', prompt: 'p' })

describe('PayingClient', () => {
  it('believes an answer whose receipt proves it', async () => {
    const answer = await ask(await startNode(serving(await receiptOf())))
    expect([answer.text, answer.signed.receipt.priceWei]).toEqual(['ab', '7'])
  })

  it.each([
    ['another text than was signed', async () => serving(await receiptOf(), 'abc'), 'text'],
    ['a receipt that somebody else signed', async () => serving(await receiptOf(signer)), 'signature'],
    ['another price than it said', async () => serving(await receiptOf(nodeKey, { priceWei: '8' })), 'priceWei'],
    [
      'more tokens than it gave',
      async () => serving(await receiptOf(nodeKey, { completionTokens: '3' })),
      'completionTokens',
    ],
    [
      'another prompt than was signed',
      async () => serving(await receiptOf(), 'ab', { request: { ...request, prompt: 'q' }, response }),
      'requestHash',
    ],
    [
      'a receipt changed after signing',
      async () => {
        const signed = await receiptOf()
        return serving({ ...signed, receipt: { ...signed.receipt, sequence: '1' } })
      },
      'receiptHash, signature',
    ],
  ])('refuses %s', async (_, lie, failed) => {
    await expect(ask(await startNode(await lie()))).rejects.toMatchObject({
      code: 'client.receipt_invalid',
      facts: { failed },
    })
  })

  it('says when a stream ends without its receipt', async () => {
    const client = await startNode((_, reply) => reply.end('data: {"choices":[{"text":"a"}]}\n\n'))
    await expect(ask(client)).rejects.toMatchObject({ code: 'client.broken_off', retryable: true })
  })

  it('says when the connection breaks, before or within the answer', async () => {
    const within = await startNode((_, reply) => {
      reply.write('data: {"choices":[{"text":"a"}]}\n\n', () => reply.destroy())
    })
    await expect(ask(within)).rejects.toMatchObject({ code: 'client.broken_off' })
    close()
    await expect(ask(within)).rejects.toMatchObject({ code: 'client.unreachable', retryable: true })
  })

  it('hands on an error that comes within the stream', async () => {
    const error = { message: 'broke off', code: 'engine.fault', param: null }
    const client = await startNode((_, reply) => reply.end(`data: ${JSON.stringify({ error })}\n\n`))
    await expect(ask(client)).rejects.toMatchObject({ code: 'client.node_refused', facts: { code: 'engine.fault' } })
  })

  it('gives up when its vouchers are overtaken again and again', async () => {
    let cumulative = 0
    const client = await startNode((_, reply) => {
      cumulative += 10
      const error = { message: 'stale', code: 'voucher.stale', param: null }
      const requirements = {
        node: address(nodeKey),
        modelId,
        escrow: `0x${'e'.repeat(40)}`,
        chainId: 31337,
        cumulativeWei: String(cumulative),
        spentWei: '0',
        expiresAt: '1900000000',
        balanceWei: '1000',
      }
      reply.writeHead(402).end(JSON.stringify({ error, requirements }))
    })
    await expect(ask(client)).rejects.toMatchObject({ code: 'client.overtaken', retryable: true })
  })
})
