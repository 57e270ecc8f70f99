import { OpenLedgerError } from '@openledger/protocol'
import type { ApiContext } from '../context.ts'
import { type ListArguments, pageOf } from '../lists/page-of.ts'
import { AT_BLOCK, connectionOf, listArguments } from '../lists/sdl.ts'
import { CONTRIBUTION, type ContributionRow, DATANET } from '../sources/entities.ts'
import { RECORD, type RecordRow } from '../sources/records.ts'
import { nodeOf } from './node.ts'

export const typeDefs = /* GraphQL */ `
  extend type Query {
    contribution(
      "<datanet id>-<version>"
      id: ID!
      ${AT_BLOCK}
    ): Contribution
    "Newest first unless ordered otherwise."
    contributions(
      ${listArguments('Contribution', 'blockNumber', 'desc')}
      ${AT_BLOCK}
    ): ContributionConnection!
  }

  "Filters of contributions, in the subgraph's words."
  input ContributionWhere {
    datanet: Bytes32
    contributor: Address
    licence: String
    manifestCid: String
    version_lte: Int
    recordCount_gte: BigInt
    blockNumber_gte: BigInt
    blockNumber_lte: BigInt
  }

  enum ContributionOrderBy {
    id
    version
    blockNumber
    recordCount
    sizeBytes
  }

  "Where a contribution to a curated Datanet stands; None elsewhere. Refused and Accepted are for good."
  enum CurationStatus {
    None
    Pending
    Accepted
    Rejected
    Appealed
    Refused
    Drawn
  }

  ${connectionOf('Contribution')}

  "A batch of records by one contributor under one licence: one event on chain."
  type Contribution implements Node {
    nodeId: ID!
    "<datanet id>-<version>"
    id: ID!
    datanet: Datanet!
    "The Datanet's version that this contribution made."
    version: Int!
    contributor: Contributor!
    "SPDX expression."
    licence: String!
    "Number of records, as stated."
    recordCount: BigInt!
    "Sum of the records' sizes, in bytes, as stated."
    sizeBytes: BigInt!
    "Merkle root over the records' digests, in the manifest's order."
    recordRoot: Bytes32!
    "CID of the manifest that lists the records."
    manifestCid: String!
    "What is wrong with the manifest; null when it is good, or not found yet."
    manifestFault: String
    "Whether the index found the manifest: before that no records are known."
    isManifestFound: Boolean!
    "What a curated Datanet's validators made of it. CURRENT"
    status: CurationStatus!
    "Whether a dispute about it is open. CURRENT"
    isDisputed: Boolean!
    "Unix seconds at which consent to all of it was withdrawn; null while it stands."
    withdrawnAt: BigInt
    "Block of the event."
    blockNumber: BigInt!
    "Unix seconds of that block."
    timestamp: BigInt!
    transactionHash: Bytes32!
    "Its records; none while the manifest is missing or when it is faulty."
    records(
      ${listArguments('Record', 'digest', 'asc')}
    ): RecordConnection!
  }
`

export const resolvers = {
  Query: {
    contribution: async (_: unknown, { id }: { id: string }, { subgraph }: ApiContext) => {
      const [, datanet, version] = /^(0x[0-9a-f]{64})-([1-9][0-9]{0,8})$/.exec(id) ?? []
      if (datanet === undefined) {
        throw new OpenLedgerError('contribution.malformed_id', 'This is not the id of a contribution.', {
          facts: { id: id.slice(0, 80) },
          nextStep: 'Give <datanet id>-<version>, as the field id does.',
        })
      }
      const page = { first: 1, orderBy: 'id', orderDirection: 'asc' } as const
      const of = { datanet, version: Number(version) }
      return (await pageOf<ContributionRow>(subgraph, CONTRIBUTION, page, of)).nodes[0] ?? null
    },
    contributions: (_: unknown, page: ListArguments, { subgraph }: ApiContext) =>
      pageOf<ContributionRow>(subgraph, CONTRIBUTION, page),
  },
  Contribution: {
    ...nodeOf('Contribution', CONTRIBUTION),
    id: ({ datanet, version }: ContributionRow) => `${datanet.id}-${version}`,
    datanet: ({ datanet }: ContributionRow, _: unknown, { rows }: ApiContext) => rows.load(DATANET, datanet.id),
    contributor: ({ contributor }: ContributionRow) => contributor,
    manifestFault: ({ manifest }: ContributionRow) => manifest?.fault ?? null,
    isManifestFound: ({ manifest }: ContributionRow) => manifest !== null,
    status: ({ standing }: ContributionRow) => standing.status,
    isDisputed: ({ standing }: ContributionRow) => standing.isDisputed,
    withdrawnAt: ({ standing }: ContributionRow) => standing.withdrawnAt,
    records: ({ id }: ContributionRow, page: ListArguments, { subgraph }: ApiContext) =>
      pageOf<RecordRow>(subgraph, RECORD, page, { contribution: id }),
  },
}
