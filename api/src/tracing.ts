import { context, propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { W3CTraceContextPropagator } from '@opentelemetry/core'
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node'
import type { RequestHandler } from 'express'
import { OtlpExporter } from './otlp-exporter.ts'

const tracer = () => trace.getTracer('openledger-api')

/**
 * Traces by W3C `traceparent`: what a request brought goes on to index, engine and chain in any case; spans are kept and
 * sent only where an address to send them to is set, since elsewhere nobody would read them.
 * @param endpoint of an OTLP collector over HTTP, for example http://127.0.0.1:4318
 */
export function startTracing(endpoint: string | undefined): { close(): Promise<void> } {
  const spanProcessors =
    endpoint === undefined ? [] : [new BatchSpanProcessor(new OtlpExporter(endpoint, 'openledger-api'))]
  const provider = new NodeTracerProvider({ spanProcessors })
  provider.register({ propagator: new W3CTraceContextPropagator() })
  return { close: () => provider.shutdown() }
}

/** Headers that tie a call to the request that it is made for. */
export function traceHeaders(): Record<string, string> {
  const headers: Record<string, string> = {}
  propagation.inject(context.active(), headers)
  return headers
}

/** A span for each request, child of the caller's where it names one. */
export const traceRequests: RequestHandler = (request, response, next) => {
  const parent = propagation.extract(context.active(), request.headers)
  const route = `/${request.path.split('/')[1] ?? ''}`
  const attributes = { 'http.request.method': request.method, 'http.route': route }
  const span = tracer().startSpan(`${request.method} ${route}`, { kind: SpanKind.SERVER, attributes }, parent)
  response.once('close', () => {
    span.setAttribute('http.response.status_code', response.statusCode)
    if (response.statusCode >= 500) span.setStatus({ code: SpanStatusCode.ERROR })
    span.end()
  })
  context.with(trace.setSpan(parent, span), next)
}
