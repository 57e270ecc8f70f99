import { traceHeaders } from '../tracing.ts'

const FRESH_MS = 1_000
const TIMEOUT_MS = 2_000

/** Number of the chain's newest block, asked for at most once a second for all requests together. */
export class ChainHead {
  readonly #rpcUrl: string
  #reading: Promise<number | null> | undefined
  #readAtMs = 0
  /** The last that was heard, without waiting; null before, and while the chain does not answer. */
  last: number | null = null

  constructor(rpcUrl: string) {
    this.#rpcUrl = rpcUrl
  }

  /** @returns null when the chain does not answer */
  read(): Promise<number | null> {
    if (this.#reading !== undefined && Date.now() - this.#readAtMs < FRESH_MS) return this.#reading
    this.#readAtMs = Date.now()
    this.#reading = askNumber(this.#rpcUrl).then((number) => {
      this.last = number
      return number
    })
    return this.#reading
  }
}

async function askNumber(rpcUrl: string): Promise<number | null> {
  try {
    const response = await fetch(rpcUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...traceHeaders() },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_blockNumber', params: [] }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    const number = Number(((await response.json()) as { result: string }).result)
    return Number.isSafeInteger(number) ? number : null
  } catch {
    return null
  }
}
