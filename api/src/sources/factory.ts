import { OpenLedgerError } from '@openledger/protocol'
import type { RequestScope } from '../outages/request-scope.ts'
import { traceHeaders } from '../tracing.ts'

/** A preflight opens a model and reads every record: it may take longer than a query. */
const PREFLIGHT_TIMEOUT_MS = 120_000

/** The model-factory over HTTP: it trains, the api asks. */
export class Factory {
  readonly #url: string
  readonly #scope: RequestScope

  constructor(url: string, scope: RequestScope) {
    this.#url = url.replace(/\/+$/, '')
    this.#scope = scope
  }

  /** @returns null when the factory knows no such thing; @throws factory.unavailable, and what the factory refuses with */
  get<T>(path: string): Promise<T | null> {
    return this.#scope.ask('factory', unavailable, () => this.#send<T>('GET', path, undefined, this.#scope.signal))
  }

  /** @throws as `get`, and for what there is not */
  async post<T>(path: string, body: unknown = {}): Promise<T> {
    const answer = await this.#scope.ask('factory', unavailable, () =>
      this.#send<T>('POST', path, body, this.#scope.signal),
    )
    if (answer !== null) return answer
    throw new OpenLedgerError('training.run_unknown', 'There is no such training run.', {
      facts: { path: path.slice(0, 80) },
      nextStep: '`trainingRuns` lists all of them.',
    })
  }

  /** Not within the time of a query. @throws as `get` */
  async preflight<T>(body: unknown): Promise<T> {
    const answer = await this.#send<T>('POST', '/preflight', body, AbortSignal.timeout(PREFLIGHT_TIMEOUT_MS))
    if (answer === null) throw unavailable()
    return answer
  }

  async #send<T>(method: 'GET' | 'POST', path: string, body: unknown, signal: AbortSignal): Promise<T | null> {
    let response: Response
    try {
      response = await fetch(`${this.#url}${path}`, {
        method,
        headers: { ...traceHeaders(), ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal,
      })
    } catch (cause) {
      throw unavailable(cause)
    }
    const answer = (await response.json().catch((cause) => {
      throw unavailable(cause)
    })) as T & { error?: OpenLedgerError.Report }
    if (response.ok) return answer
    if (response.status === 404) return null
    const report = answer.error
    throw new OpenLedgerError(report?.code ?? 'factory.refused', report?.message ?? 'The factory refused.', {
      facts: { ...report?.facts, status: response.status },
      nextStep: report?.nextStep ?? 'Ask again in a moment.',
      retryable: report?.retryable ?? response.status >= 500,
    })
  }
}

function unavailable(cause?: unknown): OpenLedgerError {
  return new OpenLedgerError('factory.unavailable', 'The model-factory does not answer.', {
    nextStep: 'Ask again in a moment; what was trained and registered is still served.',
    retryable: true,
    cause,
  })
}
