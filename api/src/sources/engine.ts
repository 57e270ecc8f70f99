import { OpenLedgerError } from '@openledger/protocol'

const TIMEOUT_MS = 60_000

/** The attribution engine over HTTP: the api reads what it says and computes no attribution of its own. */
export class Engine {
  readonly #url: string

  constructor(url: string) {
    this.#url = url.replace(/\/+$/, '')
  }

  /** @returns null when the engine knows no such thing */
  async get<T>(path: string): Promise<T | null> {
    let response: Response
    try {
      response = await fetch(`${this.#url}${path}`, { signal: AbortSignal.timeout(TIMEOUT_MS) })
    } catch (cause) {
      throw new OpenLedgerError('engine.unavailable', 'The attribution engine does not answer.', {
        nextStep: 'Ask again in a moment; provenance without evidence is still served.',
        retryable: true,
        cause,
      })
    }
    if (response.status === 404) return null
    if (response.ok) return (await response.json()) as T
    const body = (await response.json().catch(() => ({}))) as Partial<{ error: OpenLedgerError.Report }>
    const report = body.error
    throw new OpenLedgerError(report?.code ?? 'engine.refused', report?.message ?? 'The engine refused.', {
      facts: { status: response.status },
      nextStep: report?.nextStep ?? 'Ask again in a moment.',
      retryable: report?.retryable ?? response.status >= 500,
    })
  }
}
