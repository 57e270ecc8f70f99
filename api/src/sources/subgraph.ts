import { OpenLedgerError } from '@openledger/protocol'

const TIMEOUT_MS = 10_000

/** The block that one request's answers are all taken from. */
export type PinnedBlock = { number: number; hash: string; timestamp: number | null; hasIndexingErrors: boolean }

/**
 * Reads the subgraph, every query of one request at one block: the first query learns the index's head, all others ask
 * for the state at that block, so that an answer never mixes two states.
 */
export class Subgraph {
  readonly #url: string
  #pinned: Promise<PinnedBlock> | undefined

  constructor(url: string) {
    this.#url = url
  }

  /** The block that this request reads at. */
  block(): Promise<PinnedBlock> {
    this.#pinned ??= this.#ask<{ _meta: { block: PinnedBlock; hasIndexingErrors: boolean } }>(
      '{ _meta { hasIndexingErrors block { number hash timestamp } } }',
      {},
    ).then(({ _meta }) => ({ ..._meta.block, hasIndexingErrors: _meta.hasIndexingErrors }))
    return this.#pinned
  }

  /** @param query uses `$block` wherever it names an entity: `block: {number: $block}` */
  async query<T>(query: string, variables: Record<string, unknown> = {}): Promise<T> {
    const { number } = await this.block()
    return this.#ask<T>(query, { ...variables, block: number })
  }

  async #ask<T>(query: string, variables: Record<string, unknown>): Promise<T> {
    let response: Response
    try {
      response = await fetch(this.#url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query, variables }),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      })
    } catch (cause) {
      throw unavailable('The subgraph does not answer.', cause)
    }
    const body = (await response.json().catch(() => ({}))) as { data?: T; errors?: { message: string }[] }
    if (body.errors !== undefined || body.data === undefined) {
      throw unavailable(`The subgraph refused a query: ${body.errors?.[0]?.message ?? response.status}`)
    }
    return body.data
  }
}

function unavailable(message: string, cause?: unknown): OpenLedgerError {
  return new OpenLedgerError('index.unavailable', message, {
    nextStep: 'Ask again in a moment; /readyz says when the index is there.',
    retryable: true,
    cause,
  })
}
