import type { RequestHandler } from 'express'
import { collectDefaultMetrics, Histogram, Registry } from 'prom-client'

/** Paths that are told apart; a label a made-up path would let anybody fill the memory. */
const ROUTES = new Set([
  '/',
  '/graphql',
  '/subgraph',
  '/ipfs',
  '/uploads',
  '/session',
  '/healthz',
  '/readyz',
  '/metrics',
])

/** Prometheus: how long requests take, and the process itself. */
export function createMetrics(): { measure: RequestHandler; serve: RequestHandler } {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const seconds = new Histogram({
    name: 'openledger_api_request_seconds',
    help: 'Time to answer a request, by route and status.',
    labelNames: ['route', 'status'],
    registers: [registry],
  })
  return {
    measure: (request, response, next) => {
      const end = seconds.startTimer()
      const path = `/${request.path.split('/')[1] ?? ''}`
      const route = ROUTES.has(path) ? path : 'other'
      response.on('finish', () => end({ route, status: response.statusCode }))
      next()
    },
    serve: async (_, response) => {
      response.type(registry.contentType).send(await registry.metrics())
    },
  }
}
