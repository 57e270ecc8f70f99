import { OpenLedgerError } from '@openledger/protocol'

const TIMEOUT_MS = 60_000

/**
 * Asks for JSON.
 * @throws network.unreachable when nobody answers; the service's own error, or network.refused, when it refuses
 */
export async function fetchJson<T>(url: string, init: RequestInit = {}): Promise<T> {
  let response: Response
  let text: string
  try {
    response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS), ...init })
    text = await response.text()
  } catch (cause) {
    throw unreachable(url, cause)
  }
  const body = parsed(text)
  if (response.ok && body !== undefined) return body as T
  const report = ((body as { error?: unknown } | undefined)?.error ?? {}) as Partial<OpenLedgerError.Report>
  throw new OpenLedgerError(report.code ?? 'network.refused', report.message ?? 'A service refused the request.', {
    facts: { url, status: response.status },
    nextStep: report.nextStep ?? 'Check the address; the service’s log says more.',
    retryable: report.retryable ?? response.status >= 500,
  })
}

export function unreachable(url: string, cause: unknown): OpenLedgerError {
  return new OpenLedgerError('network.unreachable', 'A service does not answer.', {
    facts: { url, reason: cause instanceof Error ? cause.message : String(cause) },
    nextStep: 'Check the address and that the service runs, then ask again.',
    retryable: true,
    cause,
  })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
