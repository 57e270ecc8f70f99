import type { ApiContext } from '../context.ts'
import { type ListArguments, pageOf } from '../lists/page-of.ts'
import { AT_BLOCK, connectionOf, listArguments } from '../lists/sdl.ts'
import { AGENT, type AgentRow, STAKE_POOL } from '../sources/entities.ts'
import { nodeOf } from './node.ts'

export const typeDefs = /* GraphQL */ `
  extend type Query {
    "An agent by its number in the registry."
    agent(
      number: BigInt!
      ${AT_BLOCK}
    ): Agent
    "Newest first unless ordered otherwise."
    agents(
      ${listArguments('Agent', 'blockNumber', 'desc')}
      ${AT_BLOCK}
    ): AgentConnection!
  }

  "Filters of agents, in the subgraph's words."
  input AgentWhere {
    owner: Address
    operator: Address
    isListedAuditor: Boolean
    blockNumber_gte: BigInt
  }

  enum AgentOrderBy {
    id
    number
    blockNumber
  }

  ${connectionOf('Agent')}

  "An agent: an ERC-721 token whose URI points to its registration file (ERC-8004)."
  type Agent implements Node {
    nodeId: ID!
    "Its number in the registry."
    number: BigInt!
    "CURRENT"
    owner: Address!
    "Who acts for it. CURRENT"
    operator: Address!
    "Where its registration file is, as its owner wrote it. Data: follow it with care. CURRENT"
    uri: String!
    "Whether governance lists it as auditor. CURRENT"
    isListedAuditor: Boolean!
    "Block of its registration."
    blockNumber: BigInt!
    "Unix seconds of that block."
    timestamp: BigInt!
    "The stake behind it; null when nobody ever staked."
    pool: StakePool
  }
`

export const resolvers = {
  Query: {
    agent: async (_: unknown, { number }: { number: string }, { subgraph }: ApiContext) => {
      const page = { first: 1, orderBy: 'id', orderDirection: 'asc' } as const
      return (await pageOf<AgentRow>(subgraph, AGENT, page, { number })).nodes[0] ?? null
    },
    agents: (_: unknown, page: ListArguments, { subgraph }: ApiContext) => pageOf<AgentRow>(subgraph, AGENT, page),
  },
  Agent: {
    ...nodeOf('Agent', AGENT),
    owner: ({ owner }: AgentRow) => owner.id,
    operator: ({ operator }: AgentRow) => operator.id,
    pool: ({ pool }: AgentRow, _: unknown, { rows }: ApiContext) =>
      pool[0] === undefined ? null : rows.load(STAKE_POOL, pool[0].id),
  },
}
