import type { ContentStore } from '@openledger/content-store'
import { OpenLedgerError } from '@openledger/protocol'
import type { RequestScope } from '../outages/request-scope.ts'

/** The content store as one request reads it: within the request's time, and remembered when it does not answer. */
export class Content {
  readonly #store: ContentStore
  readonly #scope: RequestScope

  constructor(store: ContentStore, scope: RequestScope) {
    this.#store = store
    this.#scope = scope
  }

  /** @throws cid.malformed, content.missing, content.unreachable, … */
  get(cid: string): Promise<Uint8Array> {
    return this.#scope.ask('content', unreachable, () => this.#store.get(cid))
  }
}

export function unreachable(cause?: unknown): OpenLedgerError {
  return new OpenLedgerError('content.unreachable', 'The content store does not answer.', {
    nextStep: 'Ask again in a moment; what the index holds is still served.',
    retryable: true,
    cause,
  })
}
