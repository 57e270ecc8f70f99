import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

/** What an operator watches, for Prometheus at /metrics. */
export class NodeMetrics {
  readonly registry = new Registry()
  readonly #tokens: Counter<'model' | 'kind'>
  readonly #answerSeconds: Histogram
  readonly #requests: Counter<'status'>
  readonly #writtenOffWei: Counter

  /** @param read the values of gauges, asked for when they are scraped */
  constructor(read: Record<NodeMetrics.GaugeName, () => number>) {
    const registers = [this.registry]
    collectDefaultMetrics({ register: this.registry })
    this.#requests = new Counter({
      name: 'openledger_requests_total',
      help: 'Requests by HTTP status.',
      labelNames: ['status'],
      registers,
    })
    this.#tokens = new Counter({
      name: 'openledger_tokens_total',
      help: 'Tokens served, by model and by kind (prompt, completion).',
      labelNames: ['model', 'kind'],
      registers,
    })
    this.#answerSeconds = new Histogram({
      name: 'openledger_answer_seconds',
      help: 'Time from payment to receipt.',
      buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
      registers,
    })
    this.#writtenOffWei = new Counter({
      name: 'openledger_written_off_wei_total',
      help: 'Wei of answers that could no longer be charged; a float, for watching only.',
      registers,
    })
    for (const [name, help] of Object.entries(GAUGES)) {
      new Gauge({
        name: `openledger_${name}`,
        help,
        registers,
        collect() {
          this.set(read[name as NodeMetrics.GaugeName]())
        },
      })
    }
  }

  requested(status: number): void {
    this.#requests.inc({ status: String(status) })
  }

  answered(model: string, promptTokens: number, completionTokens: number, durationMs: number): void {
    this.#tokens.inc({ model, kind: 'prompt' }, promptTokens)
    this.#tokens.inc({ model, kind: 'completion' }, completionTokens)
    this.#answerSeconds.observe(durationMs / 1000)
  }

  writtenOff(amountWei: bigint): void {
    this.#writtenOffWei.inc(Number(amountWei))
  }
}

const GAUGES = {
  open_requests: 'Requests in the engine, answering or waiting.',
  active_rows: 'Rows of the batch that are in use.',
  adapters_loaded: 'Adapters in memory.',
  adapter_bytes: 'Memory of these adapters.',
  adapter_hits: 'Requests whose adapter was in memory.',
  adapter_misses: 'Requests whose adapter had to be loaded.',
  unsettled_receipts: 'Receipts that are in no settlement yet.',
} as const

export declare namespace NodeMetrics {
  type GaugeName = keyof typeof GAUGES
}
