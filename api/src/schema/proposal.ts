import type { ApiContext } from '../context.ts'
import { type ListArguments, pageOf } from '../lists/page-of.ts'
import { AT_BLOCK, connectionOf, listArguments } from '../lists/sdl.ts'
import { PROPOSAL, type ProposalRow, VOTE, type VoteRow } from '../sources/entities.ts'
import { nodeOf } from './node.ts'

export const typeDefs = /* GraphQL */ `
  extend type Query {
    "A proposal by its number in the governor."
    proposal(
      number: BigInt!
      ${AT_BLOCK}
    ): Proposal
    "Newest first unless ordered otherwise."
    proposals(
      ${listArguments('Proposal', 'blockNumber', 'desc')}
      ${AT_BLOCK}
    ): ProposalConnection!
  }

  "Filters of proposals, in the subgraph's words."
  input ProposalWhere {
    status: ProposalStatus
    proposer: Address
    voteEnd_gte: BigInt
    blockNumber_gte: BigInt
  }

  enum ProposalOrderBy {
    id
    blockNumber
    voteEnd
    forWei
    againstWei
  }

  "What was done with a proposal."
  enum ProposalStatus {
    Created
    Queued
    Executed
    Canceled
  }

  ${connectionOf('Proposal')}

  "A proposal to governance."
  type Proposal implements Node {
    nodeId: ID!
    "Its number in the governor: a hash of what it would do."
    number: BigInt!
    proposer: Address!
    "As the proposer wrote it. Data, never markup."
    description: String!
    "CURRENT"
    status: ProposalStatus!
    "Whether votes are taken at the block of this request."
    isVoting: Boolean!
    "Unix seconds at which voting starts; votes count as they were then."
    voteStart: BigInt!
    "Unix seconds at which voting ends: a late quorum extends it. CURRENT"
    voteEnd: BigInt!
    "Unix seconds from which it can be executed; null before it is queued."
    etaAt: BigInt
    "Votes for it, in wei of gOPEN. CUMULATIVE"
    forWei: BigInt!
    "Votes against it, in wei of gOPEN. CUMULATIVE"
    againstWei: BigInt!
    "Votes that abstain, in wei of gOPEN. CUMULATIVE"
    abstainWei: BigInt!
    "Accounts that voted. CUMULATIVE"
    voteCount: Int!
    "What it would do."
    calls: [ProposalCall!]!
    "Newest first unless ordered otherwise."
    votes(
      ${listArguments('Vote', 'blockNumber', 'desc')}
    ): VoteConnection!
    "Block of its creation."
    blockNumber: BigInt!
    "Unix seconds of that block."
    timestamp: BigInt!
    transactionHash: Bytes32!
  }

  "A call that a proposal makes."
  type ProposalCall {
    "Place among its calls, from 0."
    index: Int!
    "What is called."
    target: Address!
    "Native coin that is sent, in wei."
    valueWei: BigInt!
    "The call's data."
    data: Bytes!
  }
`

export const resolvers = {
  Query: {
    proposal: async (_: unknown, { number }: { number: string }, { subgraph }: ApiContext) => {
      const page = { first: 1, orderBy: 'id', orderDirection: 'asc' } as const
      return (await pageOf<ProposalRow>(subgraph, PROPOSAL, page, { number })).nodes[0] ?? null
    },
    proposals: (_: unknown, page: ListArguments, { subgraph }: ApiContext) =>
      pageOf<ProposalRow>(subgraph, PROPOSAL, page),
  },
  Proposal: {
    ...nodeOf('Proposal', PROPOSAL),
    proposer: ({ proposer }: ProposalRow) => proposer.id,
    isVoting: async ({ status, voteStart, voteEnd }: ProposalRow, _: unknown, { subgraph }: ApiContext) => {
      const { timestamp } = await subgraph.block()
      const nowSeconds = timestamp ?? Math.floor(Date.now() / 1000)
      return status === 'Created' && Number(voteStart) < nowSeconds && nowSeconds <= Number(voteEnd)
    },
    votes: ({ id }: ProposalRow, page: ListArguments, { subgraph }: ApiContext) =>
      pageOf<VoteRow>(subgraph, VOTE, page, { proposal: id }),
  },
}
