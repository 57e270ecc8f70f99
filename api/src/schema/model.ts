import type { ApiContext } from '../context.ts'
import { type PageArguments, pageOf } from '../page-of.ts'
import { loadDatanet } from './datanet.ts'

export const typeDefs = /* GraphQL */ `
  extend type Query {
    model(id: Bytes32!): Model
    "Newest first; Base, Adapter or Head."
    models(kind: ModelKind, first: Int! = 20, after: String): ModelConnection!
  }

  enum ModelKind {
    Base
    Adapter
    Head
  }

  type ModelConnection {
    nodes: [Model!]!
    pageInfo: PageInfo!
  }

  "A base model, or an adapter trained on a base with stated contributions."
  type Model {
    id: Bytes32!
    kind: ModelKind!
    name: String!
    owner: Address!
    licence: String!
    royaltyPpm: Int!
    "The base that it adapts; itself for a base."
    base: Model!
    "Datanets that it was trained on, each at a version."
    datanets: [TrainedOn!]!
    "CID of the model manifest: names and CIDs of its files."
    artefactCid: String!
    "Merkle root over the digests of the records it was trained on; zero for a base."
    trainingRoot: Bytes32!
    "CID of its attribution features, fixed on chain before its answers are paid; null as long as there are none."
    featuresCid: String
    "Paid for its answers so far, in wei of OPEN. CUMULATIVE"
    settledWei: BigInt!
    "Part of that which went to the contributors' pool. CUMULATIVE"
    contributorsWei: BigInt!
  }

  type TrainedOn {
    datanet: Datanet!
    "The Datanet's version: its first contributions, so many."
    version: Int!
    "The block that names this version on chain: all that was contributed up to its end."
    asOfBlock: BigInt!
  }
`

const MODEL_FIELDS = `id kind name owner { id } licence royaltyPpm base { id } artefactCid trainingRoot features { cid }
  settledWei contributorsWei parents(orderBy: index) { datanet { id } version asOfBlock }`

type ModelRow = {
  id: string
  owner: { id: string }
  base: { id: string }
  features: { cid: string } | null
  parents: { datanet: { id: string } | null; version: number; asOfBlock: string }[]
}

export function loadModel(context: ApiContext, id: string): Promise<ModelRow | null> {
  return context.subgraph
    .query<{ model: ModelRow | null }>(
      `query($block: Int!, $id: Bytes!) { model(id: $id, block: {number: $block}) { ${MODEL_FIELDS} } }`,
      { id },
    )
    .then(({ model }) => model)
}

export const resolvers = {
  Query: {
    model: (_: unknown, { id }: { id: string }, context: ApiContext) => loadModel(context, id),
    models: (_: unknown, { kind, ...page }: PageArguments & { kind?: string | null }, { subgraph }: ApiContext) =>
      pageOf<ModelRow>(
        subgraph,
        {
          entity: { typeName: 'Model', listName: 'models' },
          fields: MODEL_FIELDS,
          orderBy: 'blockNumber',
          direction: 'desc',
          ...(kind == null ? {} : { where: { kind } }),
        },
        page,
      ),
  },
  Model: {
    owner: ({ owner }: ModelRow) => owner.id,
    base: (model: ModelRow, _: unknown, context: ApiContext) =>
      model.base.id === model.id ? model : loadModel(context, model.base.id),
    datanets: ({ parents }: ModelRow) => parents.filter(({ datanet }) => datanet !== null),
    featuresCid: ({ features }: ModelRow) => features?.cid ?? null,
  },
  TrainedOn: {
    datanet: ({ datanet }: { datanet: { id: string } }, _: unknown, context: ApiContext) =>
      loadDatanet(context, datanet.id),
  },
}
