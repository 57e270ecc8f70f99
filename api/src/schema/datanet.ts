import type { ApiContext } from '../context.ts'
import { type PageArguments, pageOf } from '../page-of.ts'
import { RECORD_FIELDS, type RecordRow } from '../sources/records.ts'

export const typeDefs = /* GraphQL */ `
  extend type Query {
    datanet(id: Bytes32!): Datanet
    "Newest first."
    datanets(first: Int! = 20, after: String): DatanetConnection!
  }

  type DatanetConnection {
    nodes: [Datanet!]!
    pageInfo: PageInfo!
  }

  "A curated, licensed collection of records with rules."
  type Datanet {
    id: Bytes32!
    name: String!
    "Text, Image, Audio or Other."
    modality: String!
    "SPDX expression of the Datanet's terms."
    licence: String!
    "Part of derived models' income that the Datanet asks for, in parts per million."
    royaltyPpm: Int!
    owner: Address!
    "Number of contributions so far: version n holds the first n."
    version: Int!
    recordCount: BigInt!
    contributorCount: Int!
    sizeBytes: BigInt!
    contributions(first: Int! = 20, after: String): ContributionConnection!
    records(first: Int! = 20, after: String): RecordConnection!
  }

  type ContributionConnection {
    nodes: [Contribution!]!
    pageInfo: PageInfo!
  }

  "A batch of records by one contributor under one licence: one event on chain."
  type Contribution {
    "<datanet id>-<version>"
    id: ID!
    datanet: Datanet!
    "The Datanet's version that this contribution made."
    version: Int!
    contributor: Contributor!
    "SPDX expression."
    licence: String!
    recordCount: BigInt!
    sizeBytes: BigInt!
    "Merkle root over the records' digests, in the manifest's order."
    recordRoot: Bytes32!
    manifestCid: String!
    blockNumber: BigInt!
    transactionHash: Bytes32!
  }

  type RecordConnection {
    nodes: [Record!]!
    pageInfo: PageInfo!
  }
`

const DATANET_FIELDS = 'id name modality licence royaltyPpm owner { id } version recordCount contributorCount sizeBytes'
const CONTRIBUTION_FIELDS =
  'id datanet { id } version contributor { id } licence recordCount sizeBytes recordRoot manifestCid blockNumber transactionHash'

type DatanetRow = { id: string; owner: { id: string } }
type ContributionRow = { datanet: { id: string }; version: number; contributor: { id: string } }

export function loadDatanet(context: ApiContext, id: string): Promise<DatanetRow | null> {
  return context.subgraph
    .query<{ datanet: DatanetRow | null }>(
      `query($block: Int!, $id: Bytes!) { datanet(id: $id, block: {number: $block}) { ${DATANET_FIELDS} } }`,
      { id },
    )
    .then(({ datanet }) => datanet)
}

/** The contribution whose subgraph id (datanet id and version, packed) this is. */
export function loadContribution(context: ApiContext, id: string): Promise<ContributionRow | null> {
  return context.subgraph
    .query<{ contribution: ContributionRow | null }>(
      `query($block: Int!, $id: Bytes!) { contribution(id: $id, block: {number: $block}) { ${CONTRIBUTION_FIELDS} } }`,
      { id },
    )
    .then(({ contribution }) => contribution)
}

export const resolvers = {
  Query: {
    datanet: (_: unknown, { id }: { id: string }, context: ApiContext) => loadDatanet(context, id),
    datanets: (_: unknown, page: PageArguments, { subgraph }: ApiContext) =>
      pageOf<DatanetRow>(
        subgraph,
        {
          entity: { typeName: 'Datanet', listName: 'datanets' },
          fields: DATANET_FIELDS,
          orderBy: 'blockNumber',
          direction: 'desc',
        },
        page,
      ),
  },
  Datanet: {
    owner: (datanet: DatanetRow) => datanet.owner.id,
    contributions: (datanet: DatanetRow, page: PageArguments, { subgraph }: ApiContext) =>
      pageOf<ContributionRow>(
        subgraph,
        {
          entity: { typeName: 'Contribution', listName: 'contributions' },
          fields: CONTRIBUTION_FIELDS,
          orderBy: 'version',
          direction: 'asc',
          where: { datanet: datanet.id },
        },
        page,
      ),
    records: (datanet: DatanetRow, page: PageArguments, { subgraph }: ApiContext) =>
      pageOf<RecordRow>(
        subgraph,
        {
          entity: { typeName: 'Record', listName: 'records' },
          fields: RECORD_FIELDS,
          orderBy: 'digest',
          direction: 'asc',
          where: { datanet: datanet.id },
        },
        page,
      ),
  },
  Contribution: {
    id: ({ datanet, version }: ContributionRow) => `${datanet.id}-${version}`,
    datanet: ({ datanet }: ContributionRow, _: unknown, context: ApiContext) => loadDatanet(context, datanet.id),
    contributor: ({ contributor }: ContributionRow) => ({ account: contributor.id }),
  },
}
