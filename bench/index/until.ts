/**
 * Asks again and again until `attempt` gives a value instead of throwing or undefined.
 * @throws when `timeoutMs` are over, with what was waited for and the last reason
 */
export async function until<T>(
  what: string,
  timeoutMs: number,
  attempt: () => Promise<T | undefined>,
  everyMs = 100,
): Promise<T> {
  const deadline = performance.now() + timeoutMs
  for (;;) {
    let reason: unknown = 'no answer yet'
    try {
      const value = await attempt()
      if (value !== undefined) return value
    } catch (error) {
      reason = error
    }
    if (performance.now() > deadline)
      throw new Error(`Not within ${timeoutMs / 1000} s: ${what}. ${String(reason)}`, { cause: reason })
    await new Promise((done) => setTimeout(done, everyMs))
  }
}

/** One call of a JSON-RPC method. */
export async function ask<T>(url: string, method: string, params: readonly unknown[] = []): Promise<T> {
  const { result, error } = await post<{ result?: T; error?: { message: string } }>(url, {
    jsonrpc: '2.0',
    id: 1,
    method,
    params,
  })
  if (error !== undefined) throw new Error(`${method}: ${error.message}`)
  return result as T
}

/** What a GraphQL server answers to `query`. */
export async function queryGraph<T>(url: string, query: string): Promise<T> {
  const { data, errors } = await post<{ data?: T; errors?: unknown }>(url, { query })
  if (data === undefined || data === null) throw new Error(JSON.stringify(errors))
  return data
}

async function post<T>(url: string, body: unknown): Promise<T> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(30_000),
  })
  return (await response.json()) as T
}
