import { OpenLedgerError } from '@openledger/protocol'

/**
 * Asks again and again until `attempt` gives a value instead of throwing or undefined.
 * @param options.signal gives up at once when it is aborted
 * @throws stack.not_ready with the last reason
 */
export async function until<T>(
  what: string,
  options: { timeoutMs: number; signal: AbortSignal },
  attempt: () => Promise<T | undefined>,
): Promise<T> {
  const { timeoutMs, signal } = options
  const deadline = Date.now() + timeoutMs
  for (;;) {
    let reason: unknown = 'no answer yet'
    try {
      const value = await attempt()
      if (value !== undefined) return value
    } catch (error) {
      reason = error
    }
    if (Date.now() > deadline || signal.aborted) {
      throw new OpenLedgerError('stack.not_ready', `${what} is not ready after ${timeoutMs / 1000} s.`, {
        facts: { reason: reason instanceof Error ? reason.message : String(reason) },
        nextStep: 'Read its log in the logs folder of the state directory, then start again.',
        retryable: true,
        cause: reason,
      })
    }
    await new Promise((done) => setTimeout(done, 100))
  }
}
