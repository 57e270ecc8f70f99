import type { ApiContext } from '../context.ts'
import { type ListArguments, pageOf } from '../lists/page-of.ts'
import { AT_BLOCK, connectionOf, listArguments } from '../lists/sdl.ts'
import { AGENT, MODEL, STAKE, STAKE_POOL, type StakePoolRow, type StakeRow } from '../sources/entities.ts'
import { nodeOf } from './node.ts'

export const typeDefs = /* GraphQL */ `
  extend type Query {
    "The stake behind an agent or model."
    stakePool(
      "The model's id, or the agent's number as 32 bytes."
      id: Bytes32!
      ${AT_BLOCK}
    ): StakePool
    "Largest first unless ordered otherwise."
    stakePools(
      ${listArguments('StakePool', 'activeWei', 'desc')}
      ${AT_BLOCK}
    ): StakePoolConnection!
    "Most shares first unless ordered otherwise."
    stakes(
      ${listArguments('Stake', 'shares', 'desc')}
      ${AT_BLOCK}
    ): StakeConnection!
  }

  "Filters of stake pools, in the subgraph's words."
  input StakePoolWhere {
    agent: Bytes32
    model: Bytes32
    activeWei_gte: BigInt
  }

  enum StakePoolOrderBy {
    id
    activeWei
    stakedWei
    rewardedWei
    slashedWei
  }

  "Filters of stakes, in the subgraph's words."
  input StakeWhere {
    pool: Bytes32
    staker: Address
    shares_gt: BigInt
  }

  enum StakeOrderBy {
    id
    shares
    stakedWei
  }

  ${connectionOf('StakePool')}
  ${connectionOf('Stake')}

  "Stake behind an agent or a model: two sums, what is active and what thaws; shares of either are worth a part of its sum."
  type StakePool implements Node {
    nodeId: ID!
    "The model's id, or the agent's number as 32 bytes."
    id: Bytes32!
    "Null when the pool is a model's."
    agent: Agent
    "Null when the pool is an agent's."
    model: Model
    "Stake that is not thawing, in wei of OPEN. CURRENT"
    activeWei: BigInt!
    "Stake that thaws, in wei of OPEN. CURRENT"
    thawingWei: BigInt!
    "Shares of the active stake. CURRENT"
    activeShares: BigInt!
    "In wei of OPEN. CUMULATIVE"
    stakedWei: BigInt!
    "In wei of OPEN. CUMULATIVE"
    withdrawnWei: BigInt!
    "In wei of OPEN. CUMULATIVE"
    rewardedWei: BigInt!
    "In wei of OPEN. CUMULATIVE"
    slashedWei: BigInt!
    "Part of the rewards that its operator takes, in parts per million. CURRENT"
    commissionPpm: Int!
    "Who staked, most shares first unless ordered otherwise."
    stakes(
      ${listArguments('Stake', 'shares', 'desc')}
    ): StakeConnection!
  }

  "One staker's part of one pool."
  type Stake implements Node {
    nodeId: ID!
    pool: StakePool!
    staker: Address!
    "Shares of the pool's active stake. CURRENT"
    shares: BigInt!
    "What these shares are worth, in wei of OPEN, rounded down. CURRENT"
    activeWei: BigInt!
    "In wei of OPEN. CUMULATIVE"
    stakedWei: BigInt!
    "In wei of OPEN. CUMULATIVE"
    thawedWei: BigInt!
    "In wei of OPEN. CUMULATIVE"
    withdrawnWei: BigInt!
  }
`

export const resolvers = {
  Query: {
    stakePool: (_: unknown, { id }: { id: string }, { rows }: ApiContext) => rows.load(STAKE_POOL, id),
    stakePools: (_: unknown, page: ListArguments, { subgraph }: ApiContext) =>
      pageOf<StakePoolRow>(subgraph, STAKE_POOL, page),
    stakes: (_: unknown, page: ListArguments, { subgraph }: ApiContext) => pageOf<StakeRow>(subgraph, STAKE, page),
  },
  StakePool: {
    ...nodeOf('StakePool', STAKE_POOL),
    agent: ({ agent }: StakePoolRow, _: unknown, { rows }: ApiContext) => agent && rows.load(AGENT, agent.id),
    model: ({ model }: StakePoolRow, _: unknown, { rows }: ApiContext) => model && rows.load(MODEL, model.id),
    stakes: ({ id }: StakePoolRow, page: ListArguments, { subgraph }: ApiContext) =>
      pageOf<StakeRow>(subgraph, STAKE, page, { pool: id }),
  },
  Stake: {
    ...nodeOf('Stake', STAKE),
    pool: ({ pool }: StakeRow, _: unknown, { rows }: ApiContext) => rows.load(STAKE_POOL, pool.id),
    staker: ({ staker }: StakeRow) => staker.id,
    activeWei: async ({ pool, shares }: StakeRow, _: unknown, { rows }: ApiContext) => {
      const sums = await rows.load<StakePoolRow>(STAKE_POOL, pool.id)
      const all = BigInt(sums?.activeShares ?? 0)
      return all === 0n ? 0n : (BigInt(shares) * BigInt(sums!.activeWei)) / all
    },
  },
}
