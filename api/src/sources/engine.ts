import { OpenLedgerError } from '@openledger/protocol'
import type { RequestScope } from '../outages/request-scope.ts'
import { traceHeaders } from '../tracing.ts'

/** The attribution engine over HTTP: the api reads what it says and computes no attribution of its own. */
export class Engine {
  readonly #url: string
  readonly #scope: RequestScope

  constructor(url: string, scope: RequestScope) {
    this.#url = url.replace(/\/+$/, '')
    this.#scope = scope
  }

  /** @returns null when the engine knows no such thing; @throws engine.unavailable, and what the engine refuses with */
  get<T>(path: string): Promise<T | null> {
    return this.#scope.ask('engine', unavailable, () => this.#read<T>(path))
  }

  async #read<T>(path: string): Promise<T | null> {
    let response: Response
    try {
      response = await fetch(`${this.#url}${path}`, { headers: traceHeaders(), signal: this.#scope.signal })
    } catch (cause) {
      throw unavailable(cause)
    }
    if (response.status === 404) return null
    if (response.ok) {
      return (await response.json().catch((cause) => {
        throw unavailable(cause)
      })) as T
    }
    const body = (await response.json().catch(() => ({}))) as Partial<{ error: OpenLedgerError.Report }>
    const report = body.error
    throw new OpenLedgerError(report?.code ?? 'engine.refused', report?.message ?? 'The engine refused.', {
      facts: { status: response.status },
      nextStep: report?.nextStep ?? 'Ask again in a moment.',
      retryable: report?.retryable ?? response.status >= 500,
    })
  }
}

function unavailable(cause?: unknown): OpenLedgerError {
  return new OpenLedgerError('engine.unavailable', 'The attribution engine does not answer.', {
    nextStep: 'Ask again in a moment; provenance without evidence is still served.',
    retryable: true,
    cause,
  })
}
