import type { Log } from '@openledger/protocol/service'
import express, {
  type ErrorRequestHandler,
  type Express,
  type Request,
  type RequestHandler,
  type Response,
} from 'express'
import type { ModelHost } from '../adapters/model-host.ts'
import { RequestError } from '../error.ts'
import type { PriceList } from '../payment/price-list.ts'
import type { ReceiptLog } from '../receipts/receipt-log.ts'
import type { Settler } from '../receipts/settler.ts'
import type { AnswerService } from './answer-service.ts'
import { CHAT, COMPLETION } from './completion-body.ts'
import { completions } from './completions.ts'
import { embeddings } from './embeddings.ts'
import { errorReply } from './error-body.ts'
import { jsonBody } from './json-body.ts'
import type { NodeMetrics } from './metrics.ts'
import { modelBody } from './model-list.ts'
import { loadAdapter, operatorOnly, unloadAdapter } from './operator.ts'
import { readChat, readCompletion } from './order.ts'

/** What /readyz says from SIGTERM on. */
export const DRAINING = 'draining'

/**
 * The node over HTTP.
 *
 *   GET  /v1/models, /v1/models/:model      what can be asked
 *   POST /v1/chat/completions, /v1/completions, /v1/embeddings   paid by a voucher in the header OpenLedger-Voucher
 *   GET  /v1/receipts/:hash                 a receipt with the transcripts that it hashes
 *   GET  /v1/node                           who serves: address, engine, prices' unit
 *   POST /v1/load_lora_adapter, /v1/unload_lora_adapter   operators only
 *   POST /admin/settle                      settle now; from this machine only
 *   GET  /healthz /readyz /metrics
 */
export function createApp(parts: AppParts): Express {
  const { log, metrics, receipts, settler } = parts
  const host = () => requireStarted(parts.host())
  const answers = () => requireStarted(parts.answers())
  const textOf = (tokenId: number) => host().engine.textOf(tokenId)
  const options = { engineUrl: parts.engineUrl, log, textOf }
  const app = express()
  app.disable('x-powered-by')
  app.use(counting(metrics))
  app.use(parts.gate)

  app.get('/healthz', (_, response) => void response.json({ status: 'ok' }))
  app.get('/readyz', (_, response) => {
    const status = parts.status()
    response.status(status === 'ready' ? 200 : 503).json({ status, base: parts.host()?.base.id ?? null })
  })
  app.get('/metrics', async (_, response) => {
    response.type(metrics.registry.contentType).send(await metrics.registry.metrics())
  })

  app.get('/v1/node', (_, response) => {
    const { base, engine } = host()
    response.json({ ...parts.identity, base: base.id, engineHash: engine.engineHash, engine: engine.facts })
  })
  app.get('/v1/models', (_, response) => {
    const current = host()
    const data = current.models().map((model) => modelBody(model, current, parts.prices.of(model)))
    response.json({ object: 'list', data })
  })
  app.get('/v1/models/:model', async (request, response) => {
    const current = host()
    const model = await current.resolve(request.params.model)
    response.json(modelBody(model, current, parts.prices.of(model)))
  })
  app.get('/v1/receipts/:hash', (request, response) => {
    const entry = receipts.find(request.params.hash)
    if (entry === null) {
      throw new RequestError('receipt.unknown', 'This node gave no such receipt.', {
        status: 404,
        nextStep: 'Ask the node that answered; its address stands in the receipt.',
      })
    }
    response.json({ ...entry.signed, request: entry.request, response: entry.response })
  })
  app.use(refusingWhileDraining(parts.status))
  const readChatOrder = (json: unknown) => readChat(json, host().engine.tokenizer.chatTemplate)
  app.post('/v1/chat/completions', jsonBody, completions(answers, CHAT, readChatOrder, options))
  app.post('/v1/completions', jsonBody, completions(answers, COMPLETION, readCompletion, options))
  app.post('/v1/embeddings', jsonBody, embeddings(answers, options))
  const operator = operatorOnly(parts.operatorKey)
  app.post('/v1/load_lora_adapter', operator, jsonBody, loadAdapter(host))
  app.post('/v1/unload_lora_adapter', operator, jsonBody, unloadAdapter(host))
  app.post('/admin/settle', localOnly, async (_, response) => void response.json(await settler.settle()))

  app.use((request) => {
    throw new RequestError('route.unknown', `There is no ${request.method} ${request.path.slice(0, 100)} here.`, {
      status: 404,
      nextStep: 'See GET /v1/models and POST /v1/chat/completions.',
    })
  })
  app.use(answeringErrors(log))
  return app
}

type AppParts = {
  /** Stands before everything. */
  gate: RequestHandler
  /** `ready`, or why not. */
  status(): string
  /** Undefined until a base model is on chain. */
  host(): ModelHost | undefined
  answers(): AnswerService | undefined
  prices: PriceList
  receipts: ReceiptLog
  settler: Settler
  metrics: NodeMetrics
  /** Lets adapters be loaded and unloaded; undefined lets nobody. */
  operatorKey: string | undefined
  /** Shown at /v1/node. */
  identity: { node: string; chainId: number; escrow: string }
  /** The attribution engine, where answers are explained. */
  engineUrl: string
  log: Log
}

function requireStarted<T>(part: T | undefined): T {
  if (part !== undefined) return part
  throw new RequestError('node.starting', 'The node waits for its base model to be registered on chain.', {
    status: 503,
    nextStep: 'Register a base model, or ask again in a moment.',
    retryable: true,
  })
}

/** Settling costs gas: only processes of this machine may ask for it, and no web page that runs on it. */
const localOnly: RequestHandler = (request, _, next) => {
  const { remoteAddress } = request.socket
  const isLocal = remoteAddress === '127.0.0.1' || remoteAddress === '::1' || remoteAddress === '::ffff:127.0.0.1'
  if (isLocal && request.get('origin') === undefined && request.get('x-forwarded-for') === undefined) return next()
  throw new RequestError('request.not_loopback', 'Only the machine of the node may ask for this.', {
    status: 403,
    nextStep: 'Run it there: curl -X POST http://127.0.0.1:4100/admin/settle',
  })
}

/** What is still coming is thrown away for so long: closing at once would take the answer from who still sends. */
const LINGER_MS = 1000

function hasUnreadBody({ complete, headers }: Request): boolean {
  return !complete && (headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0)
}

/** Answers a request whose body was not read to its end, and closes its connection. */
function answerUnread(request: Request, response: Response, body: object): void {
  const bytes = Buffer.from(JSON.stringify(body))
  response.set({ connection: 'close', 'content-type': 'application/json; charset=utf-8' })
  response.set('content-length', String(bytes.length)).write(bytes)
  const end = () => {
    clearTimeout(timer)
    response.end()
  }
  const timer = setTimeout(end, LINGER_MS)
  request.once('close', end).resume()
}

/** What has begun is finished; what comes now is for another node. */
function refusingWhileDraining(status: () => string): RequestHandler {
  return (_request, response, next) => {
    if (status() !== DRAINING) return next()
    response.set('Connection', 'close')
    throw new RequestError('node.draining', 'The node is being stopped.', {
      status: 503,
      nextStep: 'Ask another node, or this one again in a moment.',
      retryable: true,
    })
  }
}

function counting(metrics: NodeMetrics): RequestHandler {
  return (_, response, next) => {
    response.once('finish', () => metrics.requested(response.statusCode))
    next()
  }
}

function answeringErrors(log: Log): ErrorRequestHandler {
  return (error, request, response, next) => {
    const { body, retryAfterS, status } = errorReply(error)
    if (status >= 500) log.error('a request failed', error)
    if (response.headersSent) return next(error)
    if (retryAfterS !== undefined) response.set('Retry-After', String(retryAfterS))
    response.status(status)
    if (hasUnreadBody(request)) answerUnread(request, response, body)
    else response.json(body)
  }
}
