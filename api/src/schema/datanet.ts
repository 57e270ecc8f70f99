import type { ApiContext } from '../context.ts'
import { type ListArguments, pageOf } from '../lists/page-of.ts'
import { AT_BLOCK, connectionOf, listArguments } from '../lists/sdl.ts'
import { CONTRIBUTION, type ContributionRow, DATANET, type DatanetRow } from '../sources/entities.ts'
import { RECORD, type RecordRow } from '../sources/records.ts'
import { nodeOf } from './node.ts'

export const typeDefs = /* GraphQL */ `
  extend type Query {
    datanet(
      id: Bytes32!
      ${AT_BLOCK}
    ): Datanet
    "Newest first unless ordered otherwise."
    datanets(
      ${listArguments('Datanet', 'blockNumber', 'desc')}
      ${AT_BLOCK}
    ): DatanetConnection!
  }

  "What the records of a Datanet are."
  enum Modality {
    Text
    Image
    Audio
    Other
  }

  "Filters of Datanets, in the subgraph's words."
  input DatanetWhere {
    id_in: [Bytes32!]
    owner: Address
    modality: Modality
    licence: String
    name: String
    "Part of the name, whatever its case."
    name_contains_nocase: String
    isCurated: Boolean
    isDisputed: Boolean
    royaltyPpm_lte: Int
    recordCount_gte: BigInt
    contributorCount_gte: Int
    blockNumber_gte: BigInt
    blockNumber_lte: BigInt
  }

  enum DatanetOrderBy {
    id
    name
    blockNumber
    version
    recordCount
    contributorCount
    sizeBytes
    royaltyPpm
  }

  ${connectionOf('Datanet')}

  "A curated, licensed collection of records with rules."
  type Datanet implements Node {
    nodeId: ID!
    "Hash of chain, creator and terms."
    id: Bytes32!
    "As its creator wrote it. Data, never markup."
    name: String!
    "Text, Image, Audio or Other."
    modality: Modality!
    "SPDX expression of the Datanet's terms."
    licence: String!
    "Sum of 1 (works may be derived), 2 (commercial use) and 4 (derived works carry the same flags)."
    licenceFlags: Int!
    "Part of derived models' income that the Datanet asks for, in parts per million."
    royaltyPpm: Int!
    "Who owns it. CURRENT"
    owner: Address!
    "Whether rules decide what it takes."
    isCurated: Boolean!
    "Whether a dispute keeps anything new from being derived from it. CURRENT"
    isDisputed: Boolean!
    "Number of contributions so far: version n holds the first n. CUMULATIVE"
    version: Int!
    "Records that its contributions state. CUMULATIVE"
    recordCount: BigInt!
    "Accounts that contributed. CUMULATIVE"
    contributorCount: Int!
    "Sizes that its contributions state, in bytes. CUMULATIVE"
    sizeBytes: BigInt!
    "Block of its creation."
    blockNumber: BigInt!
    "Unix seconds of its creation."
    timestamp: BigInt!
    "Its contributions, by version."
    contributions(
      ${listArguments('Contribution', 'version', 'asc')}
    ): ContributionConnection!
    "Its records."
    records(
      ${listArguments('Record', 'digest', 'asc')}
    ): RecordConnection!
  }
`

export const resolvers = {
  Query: {
    datanet: (_: unknown, { id }: { id: string }, { rows }: ApiContext) => rows.load(DATANET, id),
    datanets: (_: unknown, page: ListArguments, { subgraph }: ApiContext) =>
      pageOf<DatanetRow>(subgraph, DATANET, page),
  },
  Datanet: {
    ...nodeOf('Datanet', DATANET),
    owner: ({ owner }: DatanetRow) => owner.id,
    contributions: ({ id }: DatanetRow, page: ListArguments, { subgraph }: ApiContext) =>
      pageOf<ContributionRow>(subgraph, CONTRIBUTION, page, { datanet: id }),
    records: ({ id }: DatanetRow, page: ListArguments, { subgraph }: ApiContext) =>
      pageOf<RecordRow>(subgraph, RECORD, page, { datanet: id }),
  },
}
