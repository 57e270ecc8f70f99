import { readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { join } from 'node:path'
import { ApolloServer, type ApolloServerPlugin } from '@apollo/server'
import { ApolloServerPluginDrainHttpServer } from '@apollo/server/plugin/drainHttpServer'
import { expressMiddleware } from '@as-integrations/express5'
import { ApolloArmor } from '@escape.tech/graphql-armor'
import { digestOfCid, OpenLedgerError } from '@openledger/protocol'
import express, { type NextFunction, type Request, type Response } from 'express'
import { collectDefaultMetrics, Histogram, Registry } from 'prom-client'
import { type ApiContext, createContext, type Sources } from './context.ts'
import { formatError } from './error-format.ts'
import { resolvers, typeDefs } from './schema/index.ts'

const MAX_BODY = '256kb'
const QUERY_LIMITS = { maxTokens: 2_000, maxDepth: 14, maxAliases: 20, maxCost: 20_000 }

export type ApiServerOptions = Sources & { inferenceUrl: string; maxLagBlocks: number }

/** The api's HTTP server, not yet listening: `/graphql`, `/subgraph`, `/ipfs/<cid>`, health, metrics and the page at `/`. */
export async function createApiServer(options: ApiServerOptions): Promise<{ server: Server; close(): Promise<void> }> {
  const app = express()
  app.disable('x-powered-by')
  app.set('query parser', 'simple')
  const server = createServer(app)
  server.maxConnections = 1_000
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const seconds = new Histogram({
    name: 'openledger_api_request_seconds',
    help: 'Time to answer a request, by route and status.',
    labelNames: ['route', 'status'],
    registers: [registry],
  })
  app.use((request, response, next) => {
    const end = seconds.startTimer()
    const route = `/${request.path.split('/')[1] ?? ''}`
    response.on('finish', () => end({ route, status: response.statusCode }))
    response.setHeader('X-Content-Type-Options', 'nosniff')
    response.setHeader('Referrer-Policy', 'no-referrer')
    next()
  })

  const apollo = await startApollo(server)
  const context = async () => createContext(options)
  app.use('/graphql', express.json({ limit: MAX_BODY }), expressMiddleware(apollo, { context }))
  app.post('/subgraph', express.text({ limit: MAX_BODY, type: 'application/json' }), (request, response, next) => {
    forwardToSubgraph(options.subgraphUrl, request, response).catch(next)
  })
  app.get('/ipfs/:cid', (request, response, next) => serveContent(options, request, response).catch(next))
  app.get('/healthz', (_, response) => void response.json({ ok: true }))
  app.get('/readyz', (_, response, next) => serveReadiness(options, response).catch(next))
  app.get('/metrics', (_, response, next) => {
    registry
      .metrics()
      .then((text) => response.type(registry.contentType).send(text))
      .catch(next)
  })
  app.get('/links.json', (_, response) => void response.json(linksOf(options)))
  servePage(app)
  app.use((request, response) => {
    const error = new OpenLedgerError('http.no_such_path', 'There is nothing at this path.', {
      facts: { path: request.path.slice(0, 200) },
      nextStep: 'Open / for the list of endpoints.',
    })
    response.status(404).json({ error: error.toJSON() })
  })
  app.use(answerError)
  return { server, close: () => apollo.stop() }
}

async function startApollo(server: Server): Promise<ApolloServer<ApiContext>> {
  const armor = new ApolloArmor({
    maxDepth: { n: QUERY_LIMITS.maxDepth },
    maxAliases: { n: QUERY_LIMITS.maxAliases },
    // Its own token limit answers 500; the parser's, below, answers 400.
    maxTokens: { enabled: false },
    costLimit: { maxCost: QUERY_LIMITS.maxCost },
  })
  const protection = armor.protect()
  // Plugins that ignore the context fit every context; their types say `BaseContext` only.
  const plugins = [
    ...protection.plugins,
    ApolloServerPluginDrainHttpServer({ httpServer: server }),
  ] as unknown as ApolloServerPlugin<ApiContext>[]
  const apollo = new ApolloServer<ApiContext>({
    typeDefs,
    resolvers,
    introspection: true,
    ...protection,
    includeStacktraceInErrorResponses: false,
    parseOptions: { maxTokens: QUERY_LIMITS.maxTokens },
    plugins,
    formatError,
  })
  await apollo.start()
  return apollo
}

/** The untouched subgraph, for those who want its own query language. */
async function forwardToSubgraph(url: string, request: Request, response: Response): Promise<void> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: typeof request.body === 'string' ? request.body : '',
    signal: AbortSignal.timeout(30_000),
  })
  response
    .status(answer.status)
    .type('application/json')
    .send(await answer.text())
}

async function serveContent(options: ApiServerOptions, request: Request, response: Response): Promise<void> {
  const cid = String(request.params.cid)
  digestOfCid(cid)
  const bytes = await options.contentStore.get(cid)
  // Contributed content is data: it is never run, whatever it claims to be.
  response.setHeader('Content-Security-Policy', "default-src 'none'; sandbox")
  response.setHeader('Cache-Control', 'public, max-age=31536000, immutable')
  response.type('application/octet-stream').send(Buffer.from(bytes))
}

async function serveReadiness(options: ApiServerOptions, response: Response): Promise<void> {
  const context = createContext(options)
  const [block, head] = await Promise.all([context.subgraph.block().catch(() => null), context.chainHead()])
  const lagBlocks = block === null || head === null ? null : Math.max(0, head - block.number)
  const ready = lagBlocks !== null && lagBlocks <= options.maxLagBlocks
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

/** A page of three files without inline script, so that its policy can forbid all else. */
function servePage(app: express.Express): void {
  const files: Record<string, [file: string, type: string]> = {
    '/': ['page.html', 'text/html; charset=utf-8'],
    '/page.js': ['page.js', 'text/javascript; charset=utf-8'],
    '/page.css': ['page.css', 'text/css; charset=utf-8'],
  }
  for (const [path, [file, type]] of Object.entries(files)) {
    app.get(path, (_, response, next) => {
      readFile(join(import.meta.dirname, 'page', file))
        .then((bytes) => {
          response.setHeader(
            'Content-Security-Policy',
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'",
          )
          response.type(type).send(bytes)
        })
        .catch(next)
    })
  }
}

const STATUS_BY_CODE: Record<string, number> = {
  'cid.malformed': 400,
  'content.missing': 404,
  'content.too_large': 413,
}

function answerError(error: unknown, _request: Request, response: Response, _next: NextFunction): void {
  if (response.headersSent) return void response.end()
  if (error instanceof OpenLedgerError) {
    const status = STATUS_BY_CODE[error.code] ?? (error.retryable ? 503 : 400)
    return void response.status(status).json({ error: error.toJSON() })
  }
  const status = Number((error as { status?: unknown }).status)
  const refused = new OpenLedgerError('http.refused', 'The request could not be read.', {
    nextStep: 'Send JSON of at most 256 KB with content-type application/json.',
  })
  if (status >= 400 && status < 500) return void response.status(status).json({ error: refused.toJSON() })
  const failed = new OpenLedgerError('http.failed', 'Something went wrong here.', {
    nextStep: 'Ask again in a moment.',
    retryable: true,
  })
  response.status(502).json({ error: failed.toJSON() })
}
