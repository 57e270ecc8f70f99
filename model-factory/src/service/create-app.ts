import { OpenLedgerError } from '@openledger/protocol'
import type { Log } from '@openledger/protocol/service'
import express, { type NextFunction, type Request, type Response } from 'express'
import { z } from 'zod'
import { TrainingError } from '../error.ts'
import { preflightInProcess } from '../jobs/job-process.ts'
import { metric } from '../jobs/run-meter.ts'
import { readRunSpec } from '../jobs/run-spec.ts'
import { RUN_STATUSES, type Run, type RunStore, type StoredMetric } from '../jobs/run-store.ts'
import { KINDS, readRecipe } from '../kinds.ts'

/** Base models are opened for each preflight: more at a time would fill the memory. */
const MAX_PREFLIGHTS = 2
const PREFLIGHT_TIMEOUT_MS = 120_000
const STREAM_POLL_MS = 500
const STREAM_PAGE = 500
const ENDED = new Set(['DONE', 'FAILED', 'CANCELLED'])

export type FactoryPlace = {
  store: RunStore
  /** Puts a stored run into the queue. */
  enqueue: (run: string) => Promise<void>
  agent: () => Promise<bigint | null>
  subgraphUrl: string
  contentUrl: string
  weiPerMillionTokens: bigint
  maxWaiting: number
  log: Log
  ending: AbortSignal
}

/**
 * The factory over HTTP. Who reaches it may order training, so it listens on loopback and refuses web pages of browsers.
 * Amounts are decimal strings; errors are `{ error: { code, message, facts, nextStep, retryable } }`.
 */
export function createApp(place: FactoryPlace): express.Express {
  const { store } = place
  let preflights = 0
  const app = express()
  app.disable('x-powered-by')
  app.use(refusePages, express.json({ limit: '256kb' }))

  app.get('/healthz', (_, response) => void response.json({ ok: true }))

  app.get('/readyz', async (_, response) => {
    await store.ping()
    response.json({ ready: true })
  })

  app.get('/metrics', async (_, response) => {
    const counts = await store.countByStatus()
    const lines = RUN_STATUSES.map((status) => `openledger_training_runs{status="${status}"} ${counts[status] ?? 0}`)
    const head = '# HELP openledger_training_runs Training runs by status.\n# TYPE openledger_training_runs gauge'
    response.type('text/plain; version=0.0.4').send(`${head}\n${lines.join('\n')}\n`)
  })

  app.get('/offer', async (_, response) => {
    const agent = await place.agent().catch(() => null)
    response.json({
      kinds: Object.entries(KINDS).map(([kind, { modality, recipe }]) => ({ kind, modality, recipe })),
      weiPerMillionTokens: place.weiPerMillionTokens.toString(),
      agent: agent === null ? null : agent.toString(),
    })
  })

  app.post('/preflight', async (request, response) => {
    const spec = readRunSpec(request.body ?? {})
    if (preflights >= MAX_PREFLIGHTS) throw busy()
    preflights++
    try {
      const { subgraphUrl, contentUrl, weiPerMillionTokens } = place
      const task = { spec, subgraphUrl, contentUrl, weiPerMillionTokens: weiPerMillionTokens.toString() }
      const left = new AbortController()
      response.once('close', () => left.abort())
      const signal = AbortSignal.any([left.signal, place.ending, AbortSignal.timeout(PREFLIGHT_TIMEOUT_MS)])
      response.json(await preflightInProcess(task, signal))
    } finally {
      preflights--
    }
  })

  app.post('/runs', async (request, response) => {
    const spec = readRunSpec(request.body ?? {})
    const { name } = readRecipe(spec.recipe)
    const waiting = await store.countWaiting()
    if (waiting >= place.maxWaiting) throw full(waiting)
    const { run } = await store.create(spec, name)
    await place.enqueue(run.id)
    response.status(202).json(shown(run))
  })

  app.get('/runs', async (request, response) => {
    const asked = parse(
      z.object({
        status: z.enum(RUN_STATUSES).optional(),
        job: z
          .string()
          .regex(/^\d{1,78}$/)
          .optional(),
        first: z.coerce.number().int().min(1).max(100).default(20),
      }),
      request.query,
    )
    response.json({ runs: (await store.list(asked)).map(shown) })
  })

  app.get('/runs/:id', async (request, response) => void response.json(shown(await store.find(request.params.id))))

  app.get('/runs/:id/metrics', async (request, response) => {
    const { after, first } = parse(
      z.object({
        after: z.coerce.number().int().min(0).default(0),
        first: z.coerce.number().int().min(1).max(10_000).default(500),
      }),
      request.query,
    )
    const { id } = await store.find(request.params.id)
    response.json({ metrics: await store.metrics(id, after, first) })
  })

  app.get('/runs/:id/events', async (request, response) => {
    const { id } = await store.find(request.params.id)
    response.setHeader('content-type', 'text/event-stream')
    response.setHeader('cache-control', 'no-store')
    let isOpen = true
    response.once('close', () => {
      isOpen = false
    })
    let after = Number(request.headers['last-event-id']) || 0
    while (isOpen && !place.ending.aborted) {
      // The run first: what it told before it ended is then in the metrics that are read after.
      const { status } = await store.find(id)
      const told: StoredMetric[] = await store.metrics(id, after, STREAM_PAGE)
      for (const one of told) response.write(`id: ${one.sequence}\ndata: ${JSON.stringify(one)}\n\n`)
      after = told.at(-1)?.sequence ?? after
      if (told.length === STREAM_PAGE) continue
      if (ENDED.has(status)) break
      await new Promise((done) => setTimeout(done, STREAM_POLL_MS))
    }
    response.end()
  })

  app.post('/runs/:id/cancel', async (request, response) => {
    response.json(shown(await store.cancel(request.params.id)))
  })

  app.post('/runs/:id/resume', async (request, response) => {
    const run = await store.reopen(request.params.id)
    await place.enqueue(run.id)
    response.json(shown(run))
  })

  app.use((request: Request) => {
    throw new OpenLedgerError('http.not_found', 'There is nothing at this path.', {
      facts: { method: request.method, path: request.path.slice(0, 200) },
      nextStep: 'docs/model-factory.md lists the paths.',
    })
  })
  app.use((error: unknown, _: Request, response: Response, next: NextFunction) => {
    if (response.headersSent) return next(error)
    const known = knownError(error, place.log)
    response.status(statusOf(known)).json({ error: known.toJSON() })
  })
  return app
}

/** A run as others see it: its evaluation without the whole report of what was measured. */
function shown({ outcome, order, ...run }: Run) {
  const report = outcome?.evaluation.report
  return {
    ...run,
    name: run.spec.name,
    jobNumber: order?.number ?? null,
    progress: run.progress ?? { ...metric('queued'), run: run.id, sequence: 0, atMs: run.createdAtMs },
    artefactDigest: outcome?.trained.artefactDigest ?? null,
    trainingCid: outcome?.trained.trainingCid ?? null,
    metrics: outcome?.trained.metrics ?? null,
    evaluation:
      report === undefined
        ? null
        : {
            cid: outcome!.evaluation.cid,
            heldOut: report.heldOut,
            lossBase: report.loss.base,
            lossAdapter: report.loss.adapter,
            perplexityBase: report.perplexity.base,
            perplexityAdapter: report.perplexity.adapter,
            contaminatedRecords: report.contamination.contaminated,
            samples: report.samples,
          },
  }
}

function parse<T extends z.ZodType>(schema: T, value: unknown): z.infer<T> {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const faults = result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
  throw new OpenLedgerError('http.bad_request', 'The request is not well formed.', {
    facts: { faults: faults.join('; ') },
    nextStep: 'Correct the named parts.',
  })
}

/** A page that somebody has open in a browser may not spend this machine's time: browsers send an Origin with what writes. */
function refusePages(request: Request, _: Response, next: NextFunction): void {
  if (request.method === 'GET' || request.headers.origin === undefined) {
    next()
    return
  }
  throw new OpenLedgerError('http.forbidden', 'Web pages may not order training here.', {
    facts: { origin: request.headers.origin.slice(0, 200) },
    nextStep: 'Ask the api, which knows who signed in.',
  })
}

function busy(): TrainingError {
  return new TrainingError('training.queue_full', 'Enough preflights run already.', {
    facts: { running: MAX_PREFLIGHTS },
    nextStep: 'Ask again in a moment.',
    retryable: true,
  })
}

function full(waiting: number): TrainingError {
  return new TrainingError('training.queue_full', 'Enough runs wait already.', {
    facts: { waiting },
    nextStep: 'Ask again later, or order on chain with a budget.',
    retryable: true,
  })
}

function knownError(error: unknown, log: Log): OpenLedgerError {
  if (error instanceof OpenLedgerError) return error
  const { type, status } = (error ?? {}) as { type?: string; status?: number }
  if (status !== undefined && status < 500) {
    return new OpenLedgerError('http.bad_request', 'The request’s body cannot be read.', {
      facts: { reason: type ?? 'unknown' },
      nextStep: 'Send JSON of at most 256 kB.',
    })
  }
  log.error('a request failed', error)
  return new OpenLedgerError('http.internal', 'Something went wrong here.', {
    nextStep: 'Look into the log of the model-factory.',
    retryable: true,
  })
}

/** By the code's meaning; what can be tried again is 503, what cannot is 422. */
function statusOf({ code, retryable }: OpenLedgerError): number {
  const exact: Record<string, number> = {
    'http.bad_request': 400,
    'manifest.malformed': 400,
    'http.forbidden': 403,
    'http.not_found': 404,
    'training.run_unknown': 404,
    'training.run_ended': 409,
    'training.run_active': 409,
    'http.internal': 500,
  }
  return exact[code] ?? (retryable ? 503 : 422)
}
