import { cidOfDigest } from '@openledger/protocol'
import type { ApiContext } from '../context.ts'
import { type ListArguments, pageOf } from '../lists/page-of.ts'
import { AT_BLOCK, connectionOf, listArguments } from '../lists/sdl.ts'
import { AGENT, DATANET, MODEL, TRAINING_JOB, type TrainingJobRow } from '../sources/entities.ts'
import { nodeOf } from './node.ts'

export const typeDefs = /* GraphQL */ `
  extend type Query {
    "A training job by its number on chain."
    trainingJob(
      number: BigInt!
      ${AT_BLOCK}
    ): TrainingJob
    "Newest first unless ordered otherwise."
    trainingJobs(
      ${listArguments('TrainingJob', 'blockNumber', 'desc')}
      ${AT_BLOCK}
    ): TrainingJobConnection!
  }

  "Filters of training jobs, in the subgraph's words."
  input TrainingJobWhere {
    status: JobStatus
    requester: Address
    operator: Address
    agent: Bytes32
    model: Bytes32
    baseModel: Bytes32
    budgetWei_gte: BigInt
    blockNumber_gte: BigInt
  }

  enum TrainingJobOrderBy {
    id
    blockNumber
    budgetWei
    deadline
  }

  "What a training job has come to. Paid, Divided and Drawn have paid the trainer, in part after a dispute."
  enum JobStatus {
    None
    Requested
    Accepted
    Delivered
    Disputed
    Cancelled
    Refunded
    Paid
    Divided
    Drawn
  }

  "Who must own the model of a training job when it is delivered."
  enum JobModelOwner {
    Requester
    Trainer
  }

  ${connectionOf('TrainingJob')}

  "Training that was ordered and paid for."
  type TrainingJob implements Node {
    nodeId: ID!
    "Its number on chain."
    number: BigInt!
    "CURRENT"
    status: JobStatus!
    requester: Address!
    "The base to adapt; null when there is no such model."
    baseModel: Model
    "Datanets to use, each as it stood after a block."
    sources: [JobSource!]!
    "CID of the recipe."
    recipeCid: String!
    "What it pays, in wei of OPEN."
    budgetWei: BigInt!
    "Stake that the trainer's agent must have, in wei of OPEN."
    minStakeWei: BigInt!
    "What the trainer loses at most for not delivering, in wei of OPEN."
    penaltyWei: BigInt!
    "Unix seconds until which it must be delivered."
    deadline: BigInt!
    "Seconds for which the requester may dispute what was delivered."
    reviewSeconds: BigInt!
    modelOwner: JobModelOwner!
    "Who accepted it; null before."
    agent: Agent
    "Who acts for that agent; null before."
    operator: Address
    "What was delivered; null before."
    model: Model
    "Unix seconds until which it may be disputed; null before it is delivered."
    reviewUntil: BigInt
    "Paid to the trainer, in wei of OPEN."
    trainerWei: BigInt!
    "Paid to the treasury, in wei of OPEN."
    feeWei: BigInt!
    "Paid back to the requester, in wei of OPEN."
    requesterWei: BigInt!
    "Taken from the trainer's stake, in wei of OPEN."
    slashedWei: BigInt!
    "Block of the request."
    blockNumber: BigInt!
    "Unix seconds of that block."
    timestamp: BigInt!
  }

  "A Datanet that a training job is to use."
  type JobSource {
    "Null when there is no such Datanet."
    datanet: Datanet
    "All that was contributed up to the end of this block."
    asOfBlock: BigInt!
  }
`

export const resolvers = {
  Query: {
    trainingJob: async (_: unknown, { number }: { number: string }, { subgraph }: ApiContext) => {
      const page = { first: 1, orderBy: 'id', orderDirection: 'asc' } as const
      return (await pageOf<TrainingJobRow>(subgraph, TRAINING_JOB, page, { number })).nodes[0] ?? null
    },
    trainingJobs: (_: unknown, page: ListArguments, { subgraph }: ApiContext) =>
      pageOf<TrainingJobRow>(subgraph, TRAINING_JOB, page),
  },
  TrainingJob: {
    ...nodeOf('TrainingJob', TRAINING_JOB),
    requester: ({ requester }: TrainingJobRow) => requester.id,
    operator: ({ operator }: TrainingJobRow) => operator?.id ?? null,
    recipeCid: ({ recipeDigest }: TrainingJobRow) => cidOfDigest(recipeDigest),
    agent: ({ agent }: TrainingJobRow, _: unknown, { rows }: ApiContext) => agent && rows.load(AGENT, agent.id),
    model: ({ model }: TrainingJobRow, _: unknown, { rows }: ApiContext) => model && rows.load(MODEL, model.id),
    baseModel: ({ baseModel }: TrainingJobRow, _: unknown, { rows }: ApiContext) =>
      baseModel && rows.load(MODEL, baseModel.id),
  },
  JobSource: {
    datanet: ({ datanet }: TrainingJobRow['sources'][number], _: unknown, { rows }: ApiContext) =>
      datanet && rows.load(DATANET, datanet.id),
  },
}
