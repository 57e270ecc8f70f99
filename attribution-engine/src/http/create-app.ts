import type { ContentStore } from '@openledger/content-store'
import type { LineageStore } from '@openledger/lineage-store'
import { AnalyticsManifest, OpenLedgerError, parseManifest } from '@openledger/protocol'
import type { Log } from '@openledger/protocol/service'
import type { Provider } from 'ethers'
import express, { type NextFunction, type Request, type Response } from 'express'
import { Registry } from 'prom-client'
import { z } from 'zod'
import type { Contracts } from '../chain/contracts.ts'
import type { EpochArchive } from '../epochs/epoch-archive.ts'
import type { EpochClock } from '../epochs/epoch-clock.ts'
import type { EvidenceKeeper } from '../epochs/evidence-keeper.ts'
import type { Journal } from '../epochs/journal.ts'
import { reportAccount } from './accounts.ts'
import { registerMetrics } from './metrics.ts'

/**
 * The engine over HTTP. Reads are open; closing an epoch is for this machine only, and not for web pages on it. Integers
 * that JSON would round are decimal strings; errors are `{ error: { code, message, facts, nextStep, retryable } }`.
 */
export function createApp(stages: AppStages): express.Express {
  const { archive, clock, content, evidence, journal, lineage, provider } = stages
  const metrics = new Registry()
  registerMetrics(metrics, stages)
  const app = express()
  app.disable('x-powered-by')

  app.get('/healthz', (_, response) => send(response, { status: 'ok' }))

  app.get('/readyz', async (_, response) => {
    const mirrored = await lineage.head()
    await provider.getBlockNumber()
    if (mirrored === null) throw notReady()
    send(response, { status: 'ready', mirroredBlock: mirrored.number })
  })

  app.get('/metrics', async (_, response) => {
    response.type(metrics.contentType).send(await metrics.metrics())
  })

  app.get('/status', async (_, response) => {
    const finalized = await provider.getBlock('finalized')
    send(response, {
      chain: { block: await provider.getBlockNumber(), finalizedBlock: finalized?.number ?? null },
      mirror: await lineage.head(),
      epochs: { next: await archive.nextNumber(), latest: await archive.latest() },
      clock: clock.state,
    })
  })

  app.get('/answers/:receiptHash/evidence', async (request, response) => {
    const { receiptHash } = parse(z.object({ receiptHash: hash }), request.params)
    const { cid, evidence: found } = await evidence.ofReceipt(receiptHash as `0x${string}`)
    send(response, { ...found, cid })
  })

  app.get('/epochs', async (request, response) => {
    const { first } = parse(z.object({ first: limit(100, 20) }), request.query)
    const next = await archive.nextNumber()
    const numbers = Array.from({ length: Math.min(first, next - 1) }, (_, index) => next - 1 - index)
    send(response, { epochs: await Promise.all(numbers.map((number) => archive.epoch(number))) })
  })

  app.get('/epochs/:number', async (request, response) => {
    const { number } = parse(z.object({ number: epochNumber }), request.params)
    const epoch = await archive.epoch(number)
    send(response, { ...epoch, manifest: (await archive.manifest(epoch)).manifest })
  })

  app.get('/accounts/:account', async (request, response) => {
    const { account } = parse(z.object({ account: address }), request.params)
    const { first } = parse(z.object({ first: limit(1_000, 100) }), request.query)
    send(response, await reportAccount(account, first, stages))
  })

  app.get('/analytics', async (request, response) => {
    const { first } = parse(z.object({ first: limit(100, 20) }), request.query)
    send(response, { publications: await journal.publications(first) })
  })

  app.get('/analytics/:epoch', async (request, response) => {
    const { epoch } = parse(z.object({ epoch: epochNumber }), request.params)
    const cid = await journal.analyticsOf((await archive.epoch(epoch)).manifestCid)
    if (cid === null) throw notPublished(epoch)
    send(response, { cid, manifest: parseManifest(AnalyticsManifest, await content.get(cid), 'analytics manifest') })
  })

  app.post('/epochs', async (request, response) => {
    refuseStrangers(request)
    send(response, await clock.closeNow())
  })

  app.use((request: Request) => {
    throw new OpenLedgerError('http.not_found', 'There is nothing at this path.', {
      facts: { method: request.method, path: request.path },
      nextStep: 'See README.md of attribution-engine for the paths.',
    })
  })
  app.use((error: unknown, _: Request, response: Response, next: NextFunction) => {
    if (response.headersSent) return next(error)
    const known = error instanceof OpenLedgerError ? error : (unreachable(error) ?? unexpected(error, stages.log))
    response.status(statusOf(known))
    send(response, { error: known.toJSON() })
  })
  return app
}

export type AppStages = {
  archive: EpochArchive
  clock: EpochClock
  content: Pick<ContentStore, 'get'>
  contracts: Contracts
  evidence: Pick<EvidenceKeeper, 'ofReceipt'>
  journal: Journal
  lineage: Pick<LineageStore, 'head'>
  log: Log
  provider: Provider
}

const hash = z.string().regex(/^0x[0-9a-f]{64}$/, 'must be 0x and 64 lower-case hex digits')
const address = z
  .string()
  .regex(/^0x[0-9a-fA-F]{40}$/, 'must be 0x and 40 hex digits')
  .toLowerCase()
const epochNumber = z.coerce
  .number()
  .int()
  .min(1)
  .max(2 ** 32)
const limit = (most: number, usual: number) => z.coerce.number().int().min(1).max(most).default(usual)

function parse<T extends z.ZodType>(schema: T, value: unknown): z.infer<T> {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const faults = result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
  throw new OpenLedgerError('http.bad_request', 'The request is not well formed.', {
    facts: { faults: faults.join('; ') },
    nextStep: 'Correct the named parts.',
  })
}

function send(response: Response, body: unknown): void {
  const text = JSON.stringify(body, (_, value) => (typeof value === 'bigint' ? value.toString() : value))
  response.type('application/json').send(text)
}

/** Only this machine may close an epoch, and no page in a browser: browsers send an Origin with every POST. */
function refuseStrangers(request: Request): void {
  const from = request.socket.remoteAddress ?? ''
  if (/^(::1|(::ffff:)?127\.)/.test(from) && request.headers.origin === undefined) return
  throw new OpenLedgerError('http.forbidden', 'Only a program on this machine may close an epoch.', {
    facts: { from },
    nextStep: 'Call it from the machine that the engine runs on.',
  })
}

function notPublished(epoch: number): OpenLedgerError {
  return new OpenLedgerError('analytics.not_published', 'Nothing was published for analysts as of this epoch.', {
    facts: { epoch },
    nextStep: 'Ask again shortly if the epoch is new; `GET /analytics` lists what was published.',
    retryable: true,
  })
}

function notReady(): OpenLedgerError {
  return new OpenLedgerError('engine.not_ready', 'The engine has not mirrored the index yet.', {
    nextStep: 'Wait a moment; `GET /status` shows how far it is.',
    retryable: true,
  })
}

/** What ethers and sockets throw when nobody answers; only the chain is asked without an error type of ours. */
function unreachable(error: unknown): OpenLedgerError | null {
  const code = String((error as { code?: unknown } | null)?.code)
  if (!/^(ECONNREFUSED|ECONNRESET|ENOTFOUND|ETIMEDOUT|EPIPE|NETWORK_ERROR|SERVER_ERROR|TIMEOUT)$/.test(code))
    return null
  return new OpenLedgerError('chain.unreachable', 'The chain does not answer.', {
    facts: { reason: code },
    nextStep: 'Check that the chain runs at OPENLEDGER_RPC_URL, then try again.',
    retryable: true,
    cause: error,
  })
}

function unexpected(error: unknown, log: Log): OpenLedgerError {
  log.error('a request failed', error)
  return new OpenLedgerError('http.internal', 'Something went wrong here.', {
    nextStep: 'Look into the engine’s log.',
    retryable: true,
  })
}

/** By the code's meaning; what can be tried again is 503, what cannot is 422. */
function statusOf({ code, retryable }: OpenLedgerError): number {
  const exact: Record<string, number> = {
    'http.bad_request': 400,
    'http.forbidden': 403,
    'http.not_found': 404,
    'analytics.not_published': 404,
    'answer.unknown': 404,
    'answer.not_attributable': 404,
    'epoch.unknown': 404,
    'http.internal': 500,
  }
  return exact[code] ?? (retryable ? 503 : 422)
}
