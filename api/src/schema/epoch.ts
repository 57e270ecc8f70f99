import type { ApiContext } from '../context.ts'
import { type ListArguments, pageOf } from '../lists/page-of.ts'
import { AT_BLOCK, connectionOf, listArguments } from '../lists/sdl.ts'
import { EPOCH, type RewardRootRow, readEpoch } from '../sources/epochs.ts'
import { nodeOf } from './node.ts'

export const typeDefs = /* GraphQL */ `
  extend type Query {
    epoch(
      number: Int!
      ${AT_BLOCK}
    ): Epoch
    "Newest first unless ordered otherwise."
    epochs(
      ${listArguments('Epoch', 'epoch', 'desc')}
      ${AT_BLOCK}
    ): EpochConnection!
  }

  "Filters of epochs, in the subgraph's words."
  input EpochWhere {
    status: RootStatus
    proposer: Address
    epoch_gte: Int
    epoch_lte: Int
    toBlock_gte: BigInt
    toBlock_lte: BigInt
  }

  enum EpochOrderBy {
    id
    epoch
    toBlock
    totalWei
  }

  "Where a rewards root stands. A Proposed root pays from \`opensAt\` on."
  enum RootStatus {
    Proposed
    Challenged
    Rejected
  }

  ${connectionOf('Epoch')}

  "A range of finalised blocks whose answers are paid together, and the root that promises it."
  type Epoch implements Node {
    nodeId: ID!
    "Counts from 1; a rejected epoch is proposed again under the next number."
    number: Int!
    root: Bytes32!
    "Proposed, Challenged or Rejected."
    status: RootStatus!
    "Unix seconds from which the root pays, unless it is challenged before."
    opensAt: BigInt!
    "True when the root pays at the block of this request."
    isLive: Boolean!
    "Last block whose settlements are paid."
    toBlock: BigInt!
    "Hash of that block."
    blockHash: Bytes32!
    "Promised by all epochs together, in wei of OPEN. CUMULATIVE"
    totalWei: BigInt!
    proposer: Address!
    "Transaction of the proposal."
    transactionHash: Bytes32!
    "Unix seconds of the proposal."
    timestamp: BigInt!
    "Names the computation that anybody can repeat."
    engineHash: Bytes32!
    "CID of the epoch manifest, from which anybody recomputes the root."
    manifestCid: String!
    "Answers paid by this epoch."
    answerCount: Int!
    "Leaves of the tree, sentinels included."
    leafCount: Int!
    "What no record earned, in wei of OPEN."
    reserveWei: BigInt!
  }
`

async function manifestOf(root: RewardRootRow, { content }: ApiContext) {
  return (await readEpoch(content, root.dataCid)).manifest
}

export const resolvers = {
  Query: {
    epoch: async (_: unknown, { number }: { number: number }, { subgraph }: ApiContext) => {
      const page = { first: 1, orderBy: 'id', orderDirection: 'asc' } as const
      return (await pageOf<RewardRootRow>(subgraph, EPOCH, page, { epoch: number })).nodes[0] ?? null
    },
    epochs: (_: unknown, page: ListArguments, { subgraph }: ApiContext) => pageOf<RewardRootRow>(subgraph, EPOCH, page),
  },
  Epoch: {
    ...nodeOf('Epoch', EPOCH),
    number: ({ epoch }: RewardRootRow) => epoch,
    isLive: async (root: RewardRootRow, _: unknown, { subgraph }: ApiContext) => {
      const { timestamp } = await subgraph.block()
      const nowSeconds = timestamp ?? Math.floor(Date.now() / 1000)
      return root.status === 'Proposed' && !root.isFrozen && Number(root.opensAt) <= nowSeconds
    },
    proposer: ({ proposer }: RewardRootRow) => proposer.id,
    manifestCid: ({ dataCid }: RewardRootRow) => dataCid,
    answerCount: async (root: RewardRootRow, _: unknown, context: ApiContext) =>
      (await manifestOf(root, context)).answers.length,
    leafCount: async (root: RewardRootRow, _: unknown, context: ApiContext) =>
      (await manifestOf(root, context)).words.length,
    reserveWei: async (root: RewardRootRow, _: unknown, context: ApiContext) =>
      (await manifestOf(root, context)).reserveWei,
  },
}
