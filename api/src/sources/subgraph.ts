import { OpenLedgerError } from '@openledger/protocol'
import type { RequestScope } from '../outages/request-scope.ts'
import { traceHeaders } from '../tracing.ts'
import type { IndexHead, PinnedBlock } from './index-head.ts'
import type { KnownAnswers } from './known-answers.ts'
import { postJson } from './post-json.ts'

/** The index answers from its own database: what takes longer than this will not come. */
const TIMEOUT_MS = 8_000

/**
 * Reads the subgraph, every query of one request at one block: that which the request names, or the newest at its begin.
 * So an answer never mixes two states.
 */
export class Subgraph {
  readonly #options: Subgraph.Options
  #pinned: Promise<PinnedBlock> | undefined
  #named: number | null = null

  constructor(options: Subgraph.Options) {
    this.#options = options
  }

  /** Reads at this block instead of the newest. Before the first question only. */
  pin(block: number): void {
    this.#named = block
    this.#options.scope.isTimeTravel = true
  }

  /** The block that this request reads at. @throws index.unavailable, block.not_indexed */
  block(): Promise<PinnedBlock> {
    this.#pinned ??= this.#pin()
    return this.#pinned
  }

  /** Newest block that the index has, wherever the request is pinned. */
  async newestBlock(): Promise<number> {
    return (await this.#head()).number
  }

  /** @param query uses `$block` wherever it names an entity: `block: {number: $block}` */
  async query<T>(query: string, variables: Record<string, unknown> = {}): Promise<T> {
    const block = await this.block()
    const read = () => this.#read<T>(query, { ...variables, block: block.number })
    // What the index said for a block's hash holds for ever, so it is asked once.
    return block.hash === null
      ? read()
      : this.#options.known.get(`${block.hash}${query}${JSON.stringify(variables)}`, read)
  }

  /** The same without keeping the answer, for readers that keep its parts. */
  async queryOnce<T>(query: string, variables: Record<string, unknown> = {}): Promise<T> {
    return this.#read<T>(query, { ...variables, block: (await this.block()).number })
  }

  /** What `read` gives for each key at this request's block, asked for only where no request before did at this block. */
  async readEach<T>(
    kind: string,
    keys: readonly string[],
    read: (keys: readonly string[]) => Promise<readonly T[]>,
  ): Promise<T[]> {
    const { hash } = await this.block()
    return hash === null ? [...(await read(keys))] : this.#options.known.getMany(`${hash}${kind}`, keys, read)
  }

  #read<T>(query: string, variables: Record<string, unknown>): Promise<T> {
    const { scope, url } = this.#options
    return scope.ask('index', unavailable, () => askIndex<T>(url, query, variables, scope.signal))
  }

  #head(): Promise<PinnedBlock> {
    return this.#options.scope.ask('index', unavailable, () => this.#options.head.read())
  }

  async #pin(): Promise<PinnedBlock> {
    const head = await this.#head()
    const named = this.#named
    const { scope, startBlock } = this.#options
    if (named === null || named === head.number) {
      scope.block = head.number
      return head
    }
    if (named > head.number || named < startBlock) {
      throw new OpenLedgerError('block.not_indexed', 'The index does not have this block.', {
        facts: { block: named, first: startBlock, newest: head.number },
        nextStep: 'Name a block between the first and the newest, or none for the newest.',
        retryable: named > head.number,
      })
    }
    scope.block = named
    const { _meta } = await scope.ask('index', unavailable, () =>
      askIndex<{ _meta: { block: PinnedBlock } }>(
        this.#options.url,
        'query($block: Int!) { _meta(block: {number: $block}) { block { number hash timestamp } } }',
        { block: named },
        scope.signal,
      ),
    )
    return { ..._meta.block, number: named, hasIndexingErrors: head.hasIndexingErrors }
  }
}

export declare namespace Subgraph {
  type Options = {
    url: string
    scope: RequestScope
    head: IndexHead
    known: KnownAnswers
    /** First block that can hold an event of ours. */
    startBlock: number
  }
}

/** @throws index.unavailable */
export async function askIndex<T>(
  url: string,
  query: string,
  variables: Record<string, unknown>,
  signal: AbortSignal,
): Promise<T> {
  let body: { data?: T; errors?: { message: string }[] }
  let status: number
  try {
    const response = await postJson(url, { query, variables }, traceHeaders(), TIMEOUT_MS, signal)
    status = response.status
    body = JSON.parse(response.text) as typeof body
  } catch (cause) {
    throw unavailable(cause)
  }
  if (body.errors === undefined && body.data !== undefined) return body.data
  throw new OpenLedgerError('index.refused', 'The subgraph refused a query.', {
    facts: { reason: (body.errors?.[0]?.message ?? `status ${status}`).slice(0, 500) },
    nextStep: 'Ask again in a moment; if it stays, look at /readyz and the log of graph-node.',
    retryable: true,
  })
}

export function unavailable(cause?: unknown): OpenLedgerError {
  return new OpenLedgerError('index.unavailable', 'The subgraph does not answer.', {
    nextStep: 'Ask again in a moment; /readyz says when the index is there.',
    retryable: true,
    cause,
  })
}
