import { createServer, type Server } from 'node:http'
import { join } from 'node:path'
import { expressMiddleware } from '@as-integrations/express5'
import { OpenLedgerError } from '@openledger/protocol'
import express, { type RequestHandler, type Response } from 'express'
import helmet from 'helmet'
import { type ApiContext, createContexts, type Sources } from './context.ts'
import { serveExports } from './exports/routes.ts'
import { startApollo } from './graphql/apollo.ts'
import { guardGraphql } from './graphql/guard.ts'
import { PersistedOperations } from './graphql/persisted-operations.ts'
import { createSchema } from './graphql/schema.ts'
import { answerError } from './http/answer-error.ts'
import { serveContent } from './http/content.ts'
import { serveDashboard } from './http/dashboard.ts'
import { forwardToServices } from './http/forward.ts'
import { createMetrics } from './http/metrics.ts'
import { proxySubgraph } from './http/subgraph-proxy.ts'
import { limitRate } from './limits/rate.ts'
import { refuseSlowBodies } from './limits/slow-bodies.ts'
import { requireAccount } from './session/require-account.ts'
import { accountOf, serveSessions } from './session/routes.ts'
import { Sessions } from './session/sessions.ts'
import { serveSubscriptions } from './subscriptions/serve.ts'
import { traceRequests } from './tracing.ts'
import { serveUploads } from './uploads/routes.ts'

const MAX_BODY = '256kb'

export type ApiServerOptions = Sources & {
  /** Blocks that the index may lag behind the chain. */
  maxLagBlocks: number
  /** Requests a minute from one address; 0 for no limit. */
  requestsPerMinute: number
  /** Proxies in front, whose word is taken for the address of a request. */
  trustedProxies: number
  /** A body that takes longer to arrive is refused; uploads aside. */
  bodyTimeoutMs: number
  /** Where people reach this api; null for whatever name they use, which suits one machine only. */
  publicUrl: string | null
  /** Largest upload, in bytes. */
  uploadMaxBytes: number
  /** Where uploads lie until they are whole. */
  uploadDirectory: string
  /** Folder of the built dashboard. */
  dashboardDirectory: string
  /** Answer nothing but the operations of our own pages. */
  safelistOnly: boolean
}

/**
 * The api's HTTP server, not yet listening: `/graphql`, `/subgraph`, `/ipfs/<cid>`, health, metrics and the
 * dashboard at `/`.
 */
export async function createApiServer(options: ApiServerOptions): Promise<{ server: Server; close(): Promise<void> }> {
  const app = express()
  app.disable('x-powered-by')
  app.set('query parser', 'simple')
  app.set('trust proxy', options.trustedProxies)
  const server = createServer({ headersTimeout: 10_000, keepAliveTimeout: 5_000 }, app)
  server.maxConnections = 1_000
  const metrics = createMetrics()
  const operations = await PersistedOperations.read(join(options.dashboardDirectory, 'operations'))
  const schema = createSchema()
  const newContext = createContexts(options)
  const apollo = await startApollo(schema, server, options.maxLagBlocks)
  const rate = limitRate(options.requestsPerMinute)
  const sessions = new Sessions(options.deployment.chainId)
  const subscriptions = serveSubscriptions(server, schema, newContext, options.subgraphUrl)
  const body = [refuseSlowBodies(options.bodyTimeoutMs), express.json({ limit: MAX_BODY })]

  app.use(traceRequests, metrics.measure, helmet(HEADERS))
  app.use(
    '/graphql',
    rate,
    ...body,
    guardGraphql({ operations, safelistOnly: options.safelistOnly }),
    expressMiddleware(apollo, { context: async ({ req }) => newContext(accountOf(sessions, req.headers)) }),
  )
  app.post('/subgraph', rate, ...body, proxySubgraph(options.subgraphUrl))
  serveSessions(app, sessions, options.publicUrl, [rate, refuseSlowBodies(options.bodyTimeoutMs)])
  const mayUpload: RequestHandler = (request, _, next) => {
    // Web pages of others may not write here, whoever has them open.
    const { origin, host } = request.headers
    if (origin !== undefined && origin !== options.publicUrl && URL.parse(origin)?.host !== host) {
      throw new OpenLedgerError('uploads.cross_origin', 'Web pages of other sites may not upload here.', {
        facts: { status: 403, origin: origin.slice(0, 200) },
        nextStep: 'Upload from a page of this api, or from a program.',
      })
    }
    // What a browser asks before it asks, and what tells a client the protocol, holds nothing of anybody.
    if (request.method !== 'OPTIONS') {
      requireAccount({ account: accountOf(sessions, request.headers), uploads: options.uploads })
    }
    next()
  }
  const uploads = serveUploads(
    app,
    { contentStore: options.contentStore, directory: options.uploadDirectory, maxBytes: options.uploadMaxBytes },
    [rate, mayUpload],
  )
  app.get('/ipfs/:cid', rate, serveContent(options.contentStore))
  const exported = { schema, newContext: () => newContext(null), chainId: options.deployment.chainId }
  serveExports(app, { ...exported, contentStore: options.contentStore, publicUrl: options.publicUrl }, [rate])
  app.get('/healthz', (_, response) => void response.json({ ok: true }))
  app.get('/readyz', (_, response) => serveReadiness(newContext(null), options.maxLagBlocks, response))
  app.get('/metrics', metrics.serve)
  app.get('/links.json', (_, response) => void response.json(linksOf(options)))
  app.get('/operations.json', (_, response) => void response.json(operations.hashes))
  forwardToServices(app, options, [rate], body)
  await serveDashboard(app, options.dashboardDirectory)
  app.use((request, _, next) => {
    next(
      new OpenLedgerError('http.no_such_path', 'There is nothing at this path.', {
        facts: { path: request.path.slice(0, 200) },
        nextStep: 'Open / for the list of endpoints.',
      }),
    )
  })
  app.use(answerError)
  const close = async () => {
    uploads.close()
    await subscriptions.close()
    await apollo.stop()
  }
  return { server, close }
}

/** Nothing of ours is framed, and the page runs no script, style or request but its own. */
const HEADERS: Parameters<typeof helmet>[0] = {
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'"],
      // blob: is content of records that the page has checked against its CID; scripts and styles never are.
      imgSrc: ["'self'", 'blob:'],
      mediaSrc: ["'self'", 'blob:'],
      fontSrc: ["'self'"],
      workerSrc: ["'self'"],
      connectSrc: ["'self'"],
      baseUri: ["'none'"],
      formAction: ["'none'"],
      frameAncestors: ["'none'"],
    },
  },
  // Whether this is reached by HTTPS is the proxy's to know.
  strictTransportSecurity: false,
  crossOriginResourcePolicy: false,
}

async function serveReadiness(
  { subgraph, chainHead }: ApiContext,
  maxLagBlocks: number,
  response: Response,
): Promise<void> {
  const [block, head] = await Promise.all([subgraph.block().catch(() => null), chainHead.read()])
  const lagBlocks = block === null || head === null ? null : Math.max(0, head - block.number)
  const ready = lagBlocks !== null && lagBlocks <= maxLagBlocks
  response.status(ready ? 200 : 503).json({ ready, indexedBlock: block?.number ?? null, chainHead: head, lagBlocks })
}

function linksOf(options: ApiServerOptions) {
  const { deployment } = options
  return {
    chainId: deployment.chainId,
    rpc: options.rpcUrl,
    subgraph: options.subgraphUrl,
    inference: options.inferenceUrl,
    engine: options.engineUrl,
    contracts: Object.fromEntries(Object.entries(deployment.contracts).map(([name, { address }]) => [name, address])),
  }
}
