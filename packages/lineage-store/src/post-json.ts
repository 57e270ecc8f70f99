import { OpenLedgerError } from '@openledger/protocol'

/**
 * Posts JSON; gives `data` of a GraphQL answer or `result` of a JSON-RPC one.
 * @throws lineage.source_unreachable
 */
export async function postJson(url: string, body: unknown, timeoutMs = 30_000): Promise<unknown> {
  let answer: Answer
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(timeoutMs),
    })
    answer = (await response.json()) as Answer
  } catch (cause) {
    throw unreachable(url, cause instanceof Error ? cause.message : String(cause), cause)
  }
  const fault = answer.error?.message ?? answer.errors?.map(({ message }) => message).join('; ')
  if (fault !== undefined) throw unreachable(url, fault)
  return answer.data ?? answer.result ?? null
}

/** @param place where nothing answered; no secrets in it */
export function unreachable(place: string, reason: string, cause?: unknown): OpenLedgerError {
  return new OpenLedgerError('lineage.source_unreachable', 'The index or the chain gave no answer.', {
    facts: { url: place, reason: reason.slice(0, 500) },
    nextStep: 'Check that the chain and graph-node run (`npm start` starts them), then try again.',
    retryable: true,
    cause,
  })
}

type Answer = {
  data?: unknown
  result?: unknown
  error?: { message: string }
  errors?: { message: string }[]
}
