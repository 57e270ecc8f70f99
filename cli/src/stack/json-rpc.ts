import { OpenLedgerError } from '@openledger/protocol'

/**
 * One call of a JSON-RPC method.
 * @throws chain.unreachable, chain.refused
 */
export async function callRpc<T>(url: string, method: string, parameters: readonly unknown[] = []): Promise<T> {
  let answer: { result?: T; error?: { message: string } }
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: parameters }),
      signal: AbortSignal.timeout(60_000),
    })
    answer = (await response.json()) as typeof answer
  } catch (cause) {
    throw new OpenLedgerError('chain.unreachable', 'The chain does not answer.', {
      facts: { url, method },
      nextStep: 'Check that the chain runs (`npm run doctor` says what listens), then try again.',
      retryable: true,
      cause,
    })
  }
  if (answer.error === undefined) return answer.result as T
  throw new OpenLedgerError('chain.refused', 'The chain refused a call.', {
    facts: { method, reason: answer.error.message.slice(0, 400) },
    nextStep: 'Correct what the reason names; nothing was changed.',
  })
}
