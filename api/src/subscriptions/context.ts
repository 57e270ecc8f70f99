import type { ApiContext } from '../context.ts'
import type { BlockEvent, BlockFeed } from './feed.ts'

/** What a subscription's resolvers share: a request's context for each event, pinned to the event's block. */
export type SubscriptionContext = ApiContext & {
  blocks(): AsyncGenerator<BlockEvent>
  /** Aborted when the subscriber is gone. */
  signal: AbortSignal
  /** A context at this block; at the newest for null. */
  at(block: number | null): ApiContext
  /** The block that the fields of the next event are read at. */
  use(block: number): void
}

/** Events of one subscription come one after the other, so one context at a time is enough. */
export function createSubscriptionContext(
  newContext: (account: string | null) => ApiContext,
  feed: BlockFeed,
  signal: AbortSignal,
): SubscriptionContext {
  const at = (block: number | null): ApiContext => {
    const context = newContext(null)
    if (block !== null) context.subgraph.pin(block)
    return context
  }
  let current = at(null)
  const own: Record<string | symbol, unknown> = {
    blocks: () => feed.blocks(signal),
    signal,
    at,
    use: (block: number) => {
      current = at(block)
    },
  }
  return new Proxy({} as SubscriptionContext, {
    get: (_, name) => own[name] ?? current[name as keyof ApiContext],
  })
}
