import type { ApiContext } from '../context.ts'
import type { Entity, Row, Where } from '../lists/entity.ts'
import { pageOf } from '../lists/page-of.ts'
import { ANSWER } from '../sources/entities.ts'
import { EPOCH } from '../sources/epochs.ts'
import type { SubscriptionContext } from '../subscriptions/context.ts'
import type { BlockEvent } from '../subscriptions/feed.ts'

export const typeDefs = /* GraphQL */ `
  "What is new, over the websocket at the same path (graphql-transport-ws). Each event is read at its own block."
  type Subscription {
    "Each block that the index reaches; when several came at once, the newest of them."
    newBlock: Block!
    "Each answer that was settled from now on, oldest first."
    newAnswer(
      "Only answers of this model."
      model: Bytes32
    ): Answer!
    "Each epoch whose root is proposed from now on."
    newEpoch: Epoch!
  }

  "A block that the index has reached."
  type Block {
    "Height in the chain."
    number: Int!
    "Null when the index does not know it."
    hash: Bytes32
    "Unix seconds; null when the index does not know it."
    timestamp: Int
  }
`

/** So many of the newest rows are looked at with each block: who needs all that ever was asks the list. */
const LOOKED_AT = 100

type Fresh = { row: Row; block: number }

async function* newBlocks(context: SubscriptionContext): AsyncGenerator<{ newBlock: BlockEvent }> {
  for await (const newBlock of context.blocks()) yield { newBlock }
}

/**
 * Rows that were not there before. By id, not by block: an answer is known only when its manifest has been found, which may be
 * blocks after it was settled.
 */
async function* newRows(
  context: SubscriptionContext,
  entity: Entity,
  orderBy: string,
  of: Where,
): AsyncGenerator<Fresh> {
  const newest = { first: LOOKED_AT, orderBy, orderDirection: 'desc' } as const
  const read = async (at: ApiContext) =>
    (await pageOf<Row>(at.subgraph, entity, newest, of).catch(() => ({ nodes: [] }))).nodes
  const blocks = context.blocks()
  let seen = new Set((await read(context.at(null))).map(({ id }) => id))
  for await (const { number } of blocks) {
    const rows = await read(context.at(number))
    const fresh = rows.filter(({ id }) => !seen.has(id)).reverse()
    // Those before stay known: a row that leaves the newest for a moment must not be told again.
    seen = new Set([...rows.map(({ id }) => id), ...seen].slice(0, 10 * LOOKED_AT))
    for (const row of fresh) yield { row, block: number }
  }
}

async function* named<K extends string>(name: K, rows: AsyncGenerator<Fresh>, context: SubscriptionContext) {
  for await (const { row, block } of rows) {
    context.use(block)
    yield { [name]: row }
  }
}

export const resolvers = {
  Subscription: {
    newBlock: { subscribe: (_: unknown, __: unknown, context: SubscriptionContext) => newBlocks(context) },
    newAnswer: {
      subscribe: (_: unknown, { model }: { model?: string | null }, context: SubscriptionContext) =>
        named('newAnswer', newRows(context, ANSWER, 'timestampMs', model == null ? {} : { model }), context),
    },
    newEpoch: {
      subscribe: (_: unknown, __: unknown, context: SubscriptionContext) =>
        named('newEpoch', newRows(context, EPOCH, 'epoch', {}), context),
    },
  },
}
