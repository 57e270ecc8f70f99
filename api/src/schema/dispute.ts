import { cidOfDigest } from '@openledger/protocol'
import type { ApiContext } from '../context.ts'
import { type ListArguments, pageOf } from '../lists/page-of.ts'
import { AT_BLOCK, connectionOf, listArguments } from '../lists/sdl.ts'
import { DISPUTE, type DisputeRow, STAKE_POOL } from '../sources/entities.ts'
import { nodeOf } from './node.ts'

export const typeDefs = /* GraphQL */ `
  extend type Query {
    "A dispute by its number."
    dispute(
      number: BigInt!
      ${AT_BLOCK}
    ): Dispute
    "Newest first unless ordered otherwise."
    disputes(
      ${listArguments('Dispute', 'blockNumber', 'desc')}
      ${AT_BLOCK}
    ): DisputeConnection!
  }

  "Filters of disputes, in the subgraph's words."
  input DisputeWhere {
    status: DisputeStatus
    pool: Bytes32
    challenger: Address
    accused: Address
    blockNumber_gte: BigInt
  }

  enum DisputeOrderBy {
    id
    blockNumber
    atStakeWei
  }

  "What a dispute has come to."
  enum DisputeStatus {
    Open
    Answered
    Upheld
    Dismissed
    Drawn
  }

  ${connectionOf('Dispute')}

  "Somebody accused an agent or model of what no proof on chain can show, under a bond; the council rules."
  type Dispute implements Node {
    nodeId: ID!
    "From 1."
    number: BigInt!
    "CURRENT"
    status: DisputeStatus!
    "The stake that was accused."
    pool: StakePool!
    challenger: Address!
    "CID of what is claimed and its evidence."
    claimCid: String!
    "Most that a ruling can slash, in wei of OPEN."
    atStakeWei: BigInt!
    "The challenger's bond, in wei of OPEN."
    bondWei: BigInt!
    "Unix seconds until which the accused may answer."
    answerUntil: BigInt!
    "Unix seconds at which it is drawn if nobody ruled."
    rulingUntil: BigInt!
    "Who answered, or got part of the bond; null before."
    accused: Address
    "Digest of the answer and its evidence; null for none."
    answerDigest: Bytes32
    "Digest of the ruling's reasons; null before and in a draw."
    reasonDigest: Bytes32
    "Stake that was slashed, in wei of OPEN."
    slashedWei: BigInt!
    "Block of the accusation."
    blockNumber: BigInt!
    "Unix seconds of that block."
    timestamp: BigInt!
  }
`

export const resolvers = {
  Query: {
    dispute: async (_: unknown, { number }: { number: string }, { subgraph }: ApiContext) => {
      const page = { first: 1, orderBy: 'id', orderDirection: 'asc' } as const
      return (await pageOf<DisputeRow>(subgraph, DISPUTE, page, { number })).nodes[0] ?? null
    },
    disputes: (_: unknown, page: ListArguments, { subgraph }: ApiContext) =>
      pageOf<DisputeRow>(subgraph, DISPUTE, page),
  },
  Dispute: {
    ...nodeOf('Dispute', DISPUTE),
    pool: ({ pool }: DisputeRow, _: unknown, { rows }: ApiContext) => rows.load(STAKE_POOL, pool.id),
    challenger: ({ challenger }: DisputeRow) => challenger.id,
    accused: ({ accused }: DisputeRow) => accused?.id ?? null,
    claimCid: ({ claimDigest }: DisputeRow) => cidOfDigest(claimDigest),
  },
}
