import { type ExportResult, ExportResultCode } from '@opentelemetry/core'
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace-node'

const TIMEOUT_MS = 10_000

/** Sends spans to a collector as OTLP's JSON over HTTP. Only that: the official exporter brings protobuf, logs and metrics. */
export class OtlpExporter implements SpanExporter {
  readonly #url: string
  readonly #service: string

  constructor(endpoint: string, service: string) {
    this.#url = `${endpoint.replace(/\/+$/, '')}/v1/traces`
    this.#service = service
  }

  export(spans: ReadableSpan[], done: (result: ExportResult) => void): void {
    const resource = { attributes: [{ key: 'service.name', value: { stringValue: this.#service } }] }
    const scopeSpans = [{ scope: { name: this.#service }, spans: spans.map(toOtlp) }]
    fetch(this.#url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ resourceSpans: [{ resource, scopeSpans }] }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
      .then((response) => done({ code: response.ok ? ExportResultCode.SUCCESS : ExportResultCode.FAILED }))
      .catch((error: Error) => done({ code: ExportResultCode.FAILED, error }))
  }

  async shutdown(): Promise<void> {}
}

function toOtlp(span: ReadableSpan) {
  const { traceId, spanId } = span.spanContext()
  return {
    traceId,
    spanId,
    ...(span.parentSpanContext && { parentSpanId: span.parentSpanContext.spanId }),
    name: span.name,
    // OTLP counts kinds from 1.
    kind: span.kind + 1,
    startTimeUnixNano: nanoseconds(span.startTime),
    endTimeUnixNano: nanoseconds(span.endTime),
    attributes: Object.entries(span.attributes).map(([key, value]) => ({ key, value: { stringValue: String(value) } })),
    status: { code: span.status.code },
  }
}

/** As text: the number has more digits than JSON keeps. */
function nanoseconds([seconds, rest]: [number, number]): string {
  return (BigInt(seconds) * 1_000_000_000n + BigInt(rest)).toString()
}
