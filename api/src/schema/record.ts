import type { ApiContext } from '../context.ts'
import { type ListArguments, pageOf } from '../lists/page-of.ts'
import { AT_BLOCK, connectionOf, listArguments } from '../lists/sdl.ts'
import { CONTRIBUTION, type ContributionRow, DATANET } from '../sources/entities.ts'
import { RECORD, type RecordRow } from '../sources/records.ts'
import { nodeOf } from './node.ts'

export const typeDefs = /* GraphQL */ `
  extend type Query {
    "A record by the digest of its content: the first on chain that holds it."
    record(
      digest: Bytes32!
      ${AT_BLOCK}
    ): Record
    "By digest unless ordered otherwise."
    records(
      ${listArguments('Record', 'digest', 'asc')}
      ${AT_BLOCK}
    ): RecordConnection!
  }

  "Filters of records, in the subgraph's words."
  input RecordWhere {
    digest_in: [Bytes32!]
    cid: String
    datanet: Bytes32
    contributor: Address
    mediaType: String
    "Part of the title, whatever its case."
    title_contains_nocase: String
    sizeBytes_gte: BigInt
    sizeBytes_lte: BigInt
  }

  enum RecordOrderBy {
    id
    digest
    sizeBytes
    title
  }

  ${connectionOf('Record')}

  "One piece of content that was contributed."
  type Record implements Node {
    nodeId: ID!
    "sha2-256 of the content."
    digest: Bytes32!
    "CID of the content."
    cid: String!
    "In bytes, as stated."
    sizeBytes: BigInt!
    "As stated: data, never a reason to run it."
    mediaType: String!
    "Where it comes from, in the contributor's words."
    title: String!
    "The content when it is text of at most 64 KiB; null otherwise. Data, never markup."
    text: String
    "Place in its contribution's manifest, from 0."
    index: Int!
    datanet: Datanet!
    contribution: Contribution!
    contributor: Contributor!
    "SPDX expression under which it was contributed."
    licence: String!
    "Unix seconds at which consent to all of its contribution was withdrawn; null while it stands."
    withdrawnAt: BigInt
  }
`

export const resolvers = {
  Query: {
    record: (_: unknown, { digest }: { digest: string }, { records }: ApiContext) => records.load(digest),
    records: (_: unknown, page: ListArguments, { subgraph }: ApiContext) => pageOf<RecordRow>(subgraph, RECORD, page),
  },
  Record: {
    ...nodeOf('Record', RECORD),
    text: ({ cid }: RecordRow, _: unknown, { texts }: ApiContext) => texts.load(cid),
    datanet: ({ datanet }: RecordRow, _: unknown, { rows }: ApiContext) => rows.load(DATANET, datanet.id),
    contribution: ({ contribution }: RecordRow, _: unknown, { rows }: ApiContext) =>
      rows.load(CONTRIBUTION, contribution.id),
    contributor: ({ contributor }: RecordRow) => contributor,
    licence: async ({ contribution }: RecordRow, _: unknown, { rows }: ApiContext) =>
      (await rows.load<ContributionRow>(CONTRIBUTION, contribution.id))?.licence,
    withdrawnAt: ({ standing }: RecordRow) => standing.withdrawnAt,
  },
}
