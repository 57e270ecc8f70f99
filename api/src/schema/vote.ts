import type { ApiContext } from '../context.ts'
import { type ListArguments, pageOf } from '../lists/page-of.ts'
import { AT_BLOCK, connectionOf, listArguments } from '../lists/sdl.ts'
import { PROPOSAL, VOTE, type VoteRow } from '../sources/entities.ts'
import { nodeOf } from './node.ts'

export const typeDefs = /* GraphQL */ `
  extend type Query {
    "Newest first unless ordered otherwise."
    votes(
      ${listArguments('Vote', 'blockNumber', 'desc')}
      ${AT_BLOCK}
    ): VoteConnection!
  }

  "Filters of votes, in the subgraph's words."
  input VoteWhere {
    voter: Address
    support: VoteSupport
    weightWei_gte: BigInt
    blockNumber_gte: BigInt
  }

  enum VoteOrderBy {
    id
    blockNumber
    weightWei
  }

  "How somebody voted."
  enum VoteSupport {
    Against
    For
    Abstain
  }

  ${connectionOf('Vote')}

  "A vote on a proposal."
  type Vote implements Node {
    nodeId: ID!
    proposal: Proposal!
    voter: Address!
    support: VoteSupport!
    "Votes that it counts for, in wei of gOPEN."
    weightWei: BigInt!
    "As the voter wrote it. Data, never markup."
    reason: String!
    "Block of the event."
    blockNumber: BigInt!
    "Unix seconds of that block."
    timestamp: BigInt!
    transactionHash: Bytes32!
  }
`

export const resolvers = {
  Query: {
    votes: (_: unknown, page: ListArguments, { subgraph }: ApiContext) => pageOf<VoteRow>(subgraph, VOTE, page),
  },
  Vote: {
    ...nodeOf('Vote', VOTE),
    proposal: ({ proposal }: VoteRow, _: unknown, { rows }: ApiContext) => rows.load(PROPOSAL, proposal.id),
    voter: ({ voter }: VoteRow) => voter.id,
  },
}
