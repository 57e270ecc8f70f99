import type { ApiContext } from '../context.ts'

export const typeDefs = /* GraphQL */ `
  "32 bytes as 0x and 64 lower-case hex digits: an id, hash, root or digest."
  scalar Bytes32
  "20 bytes as 0x and 40 lower-case hex digits."
  scalar Address
  "An integer of any size, as a decimal string."
  scalar BigInt

  type Query {
    "At which state this request is answered: everything in one request is read at this block."
    _meta: Meta!
  }

  type Meta {
    "Number of the block that all answers of this request are taken from."
    block: Int!
    blockHash: Bytes32!
    "Unix seconds of that block; null when the index does not know it."
    timestamp: Int
    "Number of the newest reward epoch at that block; 0 before the first."
    epoch: Int!
    "Root of that epoch; null before the first."
    root: Bytes32
    "Blocks by which the index trails the chain; null when the chain does not answer."
    lagBlocks: Int
    "True when a handler of the subgraph failed: totals may then be incomplete."
    hasIndexingErrors: Boolean!
  }

  "Which page of a connection follows."
  type PageInfo {
    hasNextPage: Boolean!
    "Pass as \`after\` for the next page; null at the end."
    endCursor: String
  }
`

export const resolvers = {
  Query: { _meta: () => ({}) },
  Meta: {
    block: async (_: unknown, __: unknown, { subgraph }: ApiContext) => (await subgraph.block()).number,
    blockHash: async (_: unknown, __: unknown, { subgraph }: ApiContext) => (await subgraph.block()).hash,
    timestamp: async (_: unknown, __: unknown, { subgraph }: ApiContext) => (await subgraph.block()).timestamp,
    hasIndexingErrors: async (_: unknown, __: unknown, { subgraph }: ApiContext) =>
      (await subgraph.block()).hasIndexingErrors,
    epoch: async (_: unknown, __: unknown, context: ApiContext) => (await context.newestEpoch())?.number ?? 0,
    root: async (_: unknown, __: unknown, context: ApiContext) => (await context.newestEpoch())?.root ?? null,
    lagBlocks: async (_: unknown, __: unknown, { subgraph, chainHead }: ApiContext) => {
      const head = await chainHead()
      return head === null ? null : Math.max(0, head - (await subgraph.block()).number)
    },
  },
}
