import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ReadableStream } from 'node:stream/web'
import { OpenLedgerError } from '@openledger/protocol'
import type { Express, RequestHandler } from 'express'

/** What a browser's request is allowed to say to a service behind the api; no cookie, no origin, no address. */
const PASSED_ON = ['accept', 'authorization', 'content-type', 'openledger-voucher']
const PASSED_BACK = ['content-type', 'retry-after', 'cache-control', 'openledger-receipt']

const HASH = '0x[0-9a-f]{64}'
/** Of the inference node: what anybody may ask, and never what its operator may. */
const OF_THE_NODE = [
  // Of what may be escaped in a model's name only : and @: an escaped slash would lead elsewhere.
  ['GET', /^\/v1\/(node|models|models\/\w([\w.:@-]|%3a|%40){0,200})$/i],
  ['GET', new RegExp(`^/v1/receipts/${HASH}$`)],
  ['POST', /^\/v1\/(chat\/completions|completions|embeddings)$/],
  ['GET', /^\/(readyz|metrics)$/],
] as const
/** Of the attribution engine: what only reads. */
const OF_THE_ENGINE = [
  ['GET', /^\/(status|epochs|analytics|metrics)$/],
  ['GET', /^\/(epochs|analytics)\/\d{1,10}$/],
  ['GET', /^\/accounts\/0x[0-9a-fA-F]{40}$/],
  ['GET', new RegExp(`^/answers/${HASH}/evidence$`)],
] as const
/** What reads the chain or sends what is signed. Accounts that a development chain holds open are not for pages. */
const CHAIN_METHODS = new Set([
  ...['eth_blockNumber', 'eth_call', 'eth_chainId', 'eth_estimateGas', 'eth_feeHistory', 'eth_gasPrice'],
  ...['eth_getBalance', 'eth_getBlockByHash', 'eth_getBlockByNumber', 'eth_getCode', 'eth_getLogs', 'eth_getStorageAt'],
  ...['eth_getTransactionByHash', 'eth_getTransactionCount', 'eth_getTransactionReceipt', 'eth_maxPriorityFeePerGas'],
  ...['eth_sendRawTransaction', 'net_version'],
])
const MAX_BATCH = 100

/**
 * The services behind the api under its own name, so that the page needs no other origin: `/inference`, `/engine`, `/chain`.
 * Each lets through only what its list names.
 */
export function forwardToServices(
  app: Express,
  urls: { inferenceUrl: string; engineUrl: string; rpcUrl: string },
  before: RequestHandler[],
  jsonBody: RequestHandler[],
): void {
  app.use('/inference', ...before, forward(urls.inferenceUrl, OF_THE_NODE))
  app.use('/engine', ...before, forward(urls.engineUrl, OF_THE_ENGINE))
  app.post('/chain', ...before, ...jsonBody, callChain(urls.rpcUrl))
}

/** Streams a request on and its answer back; whoever leaves ends both. */
function forward(base: string, allowed: readonly (readonly [method: string, path: RegExp])[]): RequestHandler {
  return async (request, response, next) => {
    if (!allowed.some(([method, path]) => method === request.method && path.test(request.path))) return next()
    const left = new AbortController()
    response.once('close', () => left.abort())
    const headers = pick(PASSED_ON, (name) => request.get(name))
    const answer = await fetch(base.replace(/\/+$/, '') + request.url, {
      method: request.method,
      headers,
      signal: left.signal,
      ...(request.method === 'POST'
        ? { body: Readable.toWeb(request) as ReadableStream<Uint8Array>, duplex: 'half' }
        : {}),
    } as RequestInit).catch((cause) => {
      if (left.signal.aborted) return null
      throw silent(cause)
    })
    if (answer === null) return
    response.status(answer.status).set(pick(PASSED_BACK, (name) => answer.headers.get(name) ?? undefined))
    if (answer.body === null) return void response.end()
    // A client that left, or a service that broke off: the connection says so, there is nobody to tell more.
    await pipeline(Readable.fromWeb(answer.body as ReadableStream), response).catch(() => response.destroy())
  }
}

function callChain(url: string): RequestHandler {
  return async (request, response) => {
    const calls = (Array.isArray(request.body) ? request.body : [request.body]) as { method?: unknown }[]
    const refused = calls.find((call) => !CHAIN_METHODS.has(String(call?.method)))
    if (refused !== undefined || calls.length === 0 || calls.length > MAX_BATCH) {
      throw new OpenLedgerError('chain.not_passed_on', 'This call to the chain is not passed on.', {
        facts: { status: 403, method: String(refused?.method ?? 'none').slice(0, 100), calls: calls.length },
        nextStep: 'Ask a node of the chain itself.',
      })
    }
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(request.body),
      signal: AbortSignal.timeout(20_000),
    }).catch((cause) => {
      throw silent(cause)
    })
    response
      .status(answer.status)
      .type('application/json')
      .send(await answer.text())
  }
}

function pick(names: readonly string[], read: (name: string) => string | undefined): Record<string, string> {
  return Object.fromEntries(names.flatMap((name) => (read(name) === undefined ? [] : [[name, read(name)!]])))
}

function silent(cause: unknown): OpenLedgerError {
  return new OpenLedgerError('service.silent', 'A service behind the api does not answer.', {
    facts: { status: 502 },
    nextStep: 'Ask again in a moment; the operator finds why in the service’s log.',
    retryable: true,
    cause,
  })
}
