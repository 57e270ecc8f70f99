import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { Timing } from '../engine/generation-batch.ts'

/** What an operator watches, for Prometheus at /metrics. */
export class NodeMetrics {
  readonly registry = new Registry()
  readonly #tokens: Counter<'model' | 'kind'>
  readonly #answerSeconds: Histogram
  readonly #waitSeconds: Histogram
  readonly #firstTokenSeconds: Histogram
  readonly #nextTokenSeconds: Histogram
  readonly #requests: Counter<'status'>
  readonly #refusedConnections: Counter
  readonly #writtenOffWei: Counter
  /** A moving mean of how long answers take. */
  #meanAnswerS = 1

  /** @param read the values of gauges and of counts kept elsewhere, asked for when they are scraped */
  constructor(read: Record<NodeMetrics.ReadName, () => number>) {
    const registers = [this.registry]
    collectDefaultMetrics({ register: this.registry })
    this.#requests = new Counter({
      name: 'openledger_requests_total',
      help: 'Requests by HTTP status.',
      labelNames: ['status'],
      registers,
    })
    this.#refusedConnections = new Counter({
      name: 'openledger_refused_connections_total',
      help: 'Connections beyond what one address may have.',
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
    this.#waitSeconds = new Histogram({
      name: 'openledger_queue_seconds',
      help: 'Time that a request waited for a row of the batch.',
      buckets: [0.001, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
      registers,
    })
    this.#firstTokenSeconds = new Histogram({
      name: 'openledger_first_token_seconds',
      help: 'Time from payment to the first token (TTFT).',
      buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
      registers,
    })
    this.#nextTokenSeconds = new Histogram({
      name: 'openledger_inter_token_seconds',
      help: 'Mean time between the tokens of an answer, one observation an answer.',
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1],
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
          this.set(read[name as NodeMetrics.ReadName]())
        },
      })
    }
    for (const [name, help] of Object.entries(COUNTS)) {
      new Counter({
        name: `openledger_${name}`,
        help,
        registers,
        collect() {
          this.reset()
          this.inc(read[name as NodeMetrics.ReadName]())
        },
      })
    }
  }

  requested(status: number): void {
    this.#requests.inc({ status: String(status) })
  }

  refusedConnection(): void {
    this.#refusedConnections.inc()
  }

  answered(model: string, tokens: { prompt: number; completion: number }, durationMs: number, timing?: Timing): void {
    this.#tokens.inc({ model, kind: 'prompt' }, tokens.prompt)
    this.#tokens.inc({ model, kind: 'completion' }, tokens.completion)
    this.#answerSeconds.observe(durationMs / 1000)
    if (timing === undefined) return
    this.#waitSeconds.observe(timing.waitedMs / 1000)
    this.#firstTokenSeconds.observe(timing.firstTokenMs / 1000)
    if (tokens.completion > 1) this.#nextTokenSeconds.observe(timing.restMs / 1000 / (tokens.completion - 1))
    const ownS = (durationMs - timing.waitedMs) / 1000
    this.#meanAnswerS += (ownS - this.#meanAnswerS) / 16
  }

  writtenOff(amountWei: bigint): void {
    this.#writtenOffWei.inc(Number(amountWei))
  }

  /** When one that is refused now may find room, if those before it take as long as the last ones did: 1 to 60 s. */
  secondsUntilRoom(openRequests: number, rows: number): number {
    return Math.min(60, Math.max(1, Math.ceil((this.#meanAnswerS * openRequests) / rows)))
  }
}

const GAUGES = {
  open_requests: 'Requests in the engine, answering or waiting.',
  waiting_requests: 'Requests that wait for a row of the batch.',
  active_rows: 'Rows of the batch that are in use.',
  adapters_loaded: 'Adapters in memory.',
  adapter_bytes: 'Memory of these adapters.',
  unsettled_receipts: 'Receipts that are in no settlement yet.',
  connections: 'Open connections.',
} as const

const COUNTS = {
  adapter_hits: 'Requests whose adapter was in memory.',
  adapter_misses: 'Requests whose adapter had to be loaded.',
  engine_steps_total: 'Turns of the engine.',
  engine_row_steps_total: 'Rows of all turns; divided by the turns, the mean size of the batch.',
  reused_prompt_tokens_total: 'Prompt tokens that were not read again, because the same beginning had been.',
} as const

export declare namespace NodeMetrics {
  type ReadName = keyof typeof GAUGES | keyof typeof COUNTS
}
