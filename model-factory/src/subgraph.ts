import { OpenLedgerError } from '@openledger/protocol'

const TIMEOUT_MS = 30_000

/** @throws index.unreachable */
export async function askSubgraph<T>(
  subgraphUrl: string,
  query: string,
  variables: Record<string, unknown>,
): Promise<T> {
  let body: { data?: T; errors?: { message: string }[] }
  try {
    const response = await fetch(subgraphUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query, variables }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    body = (await response.json()) as typeof body
  } catch (cause) {
    throw unreachable('it did not answer', cause)
  }
  if (body.data === undefined) throw unreachable(body.errors?.[0]?.message ?? 'it sent no data')
  return body.data
}

function unreachable(reason: string, cause?: unknown): OpenLedgerError {
  return new OpenLedgerError('index.unreachable', 'The subgraph could not be read.', {
    facts: { reason },
    nextStep: 'Check that the stack is running and ask again.',
    retryable: true,
    cause,
  })
}
