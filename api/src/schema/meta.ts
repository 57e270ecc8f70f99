import type { ApiContext } from '../context.ts'
import { AT_BLOCK } from '../lists/sdl.ts'
import { chainUnavailable, nodeUnavailable } from '../outages/request-scope.ts'

export const typeDefs = /* GraphQL */ `
  "32 bytes as 0x and 64 lower-case hex digits: an id, hash, root or digest."
  scalar Bytes32
  "20 bytes as 0x and 40 lower-case hex digits."
  scalar Address
  "Bytes of any number as 0x and lower-case hex digits, two a byte."
  scalar Bytes
  "An integer of any size, as a decimal string."
  scalar BigInt

  type Query {
    "At which state this request is answered: everything in one request is read at this block."
    _meta(
      ${AT_BLOCK}
    ): Meta!
  }

  "The state that a request is answered from, and what could not be asked."
  type Meta {
    "Number of the block that all answers of this request are taken from."
    block: Int!
    "Hash of that block; null when the index does not know it."
    blockHash: Bytes32
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
    "Sources that do not answer now, each asked for this field. \`extensions.missing\` of the response says what it lacks."
    missing: [Missing!]!
  }

  "A source that does not answer, or lags."
  type Missing {
    "index, engine, content, chain or node."
    source: String!
    "What is wrong, as docs/errors.md lists it."
    code: String!
    "Block of the newest answer that had this source; null when none had since the api's start."
    sinceBlock: Int
    "What that means for answers."
    hint: String!
  }

  "Which way a list runs."
  enum OrderDirection {
    "Smallest, oldest or first first."
    asc
    "Greatest, newest or last first."
    desc
  }

  "Which page of a connection follows."
  type PageInfo {
    hasNextPage: Boolean!
    "True for every page but the first."
    hasPreviousPage: Boolean!
    "Cursor of the page's first row; null when it is empty."
    startCursor: String
    "Pass as \`after\` for the next page; null when this one is empty."
    endCursor: String
  }
`

const PROBE_TIMEOUT_MS = 2_000

async function isAnswering(url: string, signal: AbortSignal): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(PROBE_TIMEOUT_MS)]) })
    await response.body?.cancel()
    return response.ok
  } catch {
    return false
  }
}

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
      const [head, newest] = await Promise.all([chainHead.read(), subgraph.newestBlock()])
      return head === null ? null : Math.max(0, head - newest)
    },
    missing: async (_: unknown, __: unknown, { scope, subgraph, engine, chainHead, inferenceUrl }: ApiContext) => {
      // A source that fails notes itself; that is all that is wanted of these.
      const [, , head, hasNode] = await Promise.all([
        subgraph.newestBlock().catch(() => null),
        engine.get('/healthz').catch(() => null),
        chainHead.read(),
        isAnswering(`${inferenceUrl.replace(/\/+$/, '')}/healthz`, scope.signal),
      ])
      if (head === null) scope.note('chain', chainUnavailable())
      if (!hasNode) scope.note('node', nodeUnavailable())
      return scope.missing
    },
  },
}
