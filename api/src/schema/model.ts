import { ModelManifest, parseManifest, TrainingManifest } from '@openledger/protocol'
import type { ApiContext } from '../context.ts'
import { type ListArguments, pageOf } from '../lists/page-of.ts'
import { AT_BLOCK, connectionOf, listArguments } from '../lists/sdl.ts'
import { DATANET, EVALUATION, type EvaluationRow, MODEL, type ModelRow } from '../sources/entities.ts'
import { nodeOf } from './node.ts'

const MODEL_FIELDS = /* GraphQL */ `
    nodeId: ID!
    "Hash of all that defines it, parents included."
    id: Bytes32!
    kind: ModelKind!
    "As its owner wrote it. Data, never markup."
    name: String!
    "Who owns it. CURRENT"
    owner: Address!
    "SPDX expression of its terms."
    licence: String!
    "Part of the income of models derived from it, in parts per million."
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
    "Whether a dispute keeps anything new from being derived from it. CURRENT"
    isDisputed: Boolean!
    "Paid for its answers so far, in wei of OPEN. CUMULATIVE"
    settledWei: BigInt!
    "Part of that which went to the contributors' pool, in wei of OPEN. CUMULATIVE"
    contributorsWei: BigInt!
    "Part of that which went to those who stake on it, in wei of OPEN. CUMULATIVE"
    stakersWei: BigInt!
    "Block of its registration."
    blockNumber: BigInt!
    "Unix seconds of its registration."
    timestamp: BigInt!
    "What others measured of it, newest first unless ordered otherwise."
    evaluations(
      ${listArguments('Evaluation', 'blockNumber', 'desc')}
    ): EvaluationConnection!`

export const typeDefs = /* GraphQL */ `
  extend type Query {
    model(
      id: Bytes32!
      ${AT_BLOCK}
    ): Model
    "Newest first unless ordered otherwise; of one kind or of all."
    models(
      kind: ModelKind
      ${listArguments('Model', 'blockNumber', 'desc')}
      ${AT_BLOCK}
    ): ModelConnection!
  }

  "A base model stands alone; an adapter or a head is trained on top of one."
  enum ModelKind {
    Base
    Adapter
    Head
  }

  "Filters of models, in the subgraph's words."
  input ModelWhere {
    id_in: [Bytes32!]
    kind: ModelKind
    owner: Address
    base: Bytes32
    licence: String
    name: String
    "Part of the name, whatever its case."
    name_contains_nocase: String
    isDisputed: Boolean
    blockNumber_gte: BigInt
    blockNumber_lte: BigInt
    settledWei_gte: BigInt
  }

  enum ModelOrderBy {
    id
    name
    blockNumber
    settledWei
    contributorsWei
  }

  ${connectionOf('Model')}

  "A base model, or an adapter or head that was trained on one with stated contributions."
  interface Model implements Node {${MODEL_FIELDS}
  }

  "A base model."
  type BaseModel implements Model & Node {${MODEL_FIELDS}
  }

  "A head trained on a base."
  type Head implements Model & Node {${MODEL_FIELDS}
  }

  "A LoRA adapter trained on a base."
  type Adapter implements Model & Node {${MODEL_FIELDS}
    "How it was trained, from its published manifest; null when that cannot be read."
    training: Training
  }

  "How an adapter was trained: with this and the records anybody can train it again."
  type Training {
    "CID of the training manifest."
    cid: String!
    "Rank of the LoRA matrices."
    rank: Int!
    "Passes over the records."
    epochs: Int!
    "Records that it was trained or validated on: one for each cluster of records that say the same."
    recordCount: Int!
    "Tokens trained on, of all passes."
    trainTokens: Int!
    "Time that training took, in seconds."
    seconds: Float!
    "Mean loss of the base on the validation records, in nats per token."
    lossBefore: Float!
    "The same of the adapter."
    lossAfter: Float!
  }

  "A Datanet that a model was trained on, at a version."
  type TrainedOn {
    datanet: Datanet!
    "The Datanet's version: its first contributions, so many."
    version: Int!
    "The block that names this version on chain: all that was contributed up to its end."
    asOfBlock: BigInt!
  }
`

const TYPE_OF_KIND = { Base: 'BaseModel', Adapter: 'Adapter', Head: 'Head' } as const

const fields = {
  owner: ({ owner }: ModelRow) => owner.id,
  base: (model: ModelRow, _: unknown, { rows }: ApiContext) =>
    model.base.id === model.id ? model : rows.load(MODEL, model.base.id),
  datanets: ({ parents }: ModelRow) => parents.filter(({ datanet }) => datanet !== null),
  featuresCid: ({ features }: ModelRow) => features?.cid ?? null,
  evaluations: ({ id }: ModelRow, page: ListArguments, { subgraph }: ApiContext) =>
    pageOf<EvaluationRow>(subgraph, EVALUATION, page, { model: id }),
}

async function training({ artefactCid }: ModelRow, { content }: ApiContext) {
  const model = parseManifest(ModelManifest, await content.get(artefactCid), 'model manifest')
  if (model.training === null) return null
  const { recipe, metrics, records } = parseManifest(
    TrainingManifest,
    await content.get(model.training),
    'training manifest',
  )
  const { rank, epochs } = recipe
  return { cid: model.training, rank, epochs, recordCount: records.length, ...metrics }
}

export const resolvers = {
  Query: {
    model: (_: unknown, { id }: { id: string }, { rows }: ApiContext) => rows.load(MODEL, id),
    models: (_: unknown, { kind, ...page }: ListArguments & { kind?: string | null }, { subgraph }: ApiContext) =>
      pageOf<ModelRow>(subgraph, MODEL, page, kind == null ? {} : { kind }),
  },
  Model: { __resolveType: ({ kind }: ModelRow) => TYPE_OF_KIND[kind] },
  BaseModel: { ...nodeOf('BaseModel', MODEL), ...fields },
  Head: { ...nodeOf('Head', MODEL), ...fields },
  Adapter: {
    ...nodeOf('Adapter', MODEL),
    ...fields,
    training: (model: ModelRow, _: unknown, context: ApiContext) => training(model, context),
  },
  TrainedOn: {
    datanet: ({ datanet }: { datanet: { id: string } }, _: unknown, { rows }: ApiContext) =>
      rows.load(DATANET, datanet.id),
  },
}
