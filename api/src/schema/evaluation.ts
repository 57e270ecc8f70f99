import { cidOfDigest, type Digest } from '@openledger/protocol'
import type { ApiContext } from '../context.ts'
import { type ListArguments, pageOf } from '../lists/page-of.ts'
import { AT_BLOCK, connectionOf, listArguments } from '../lists/sdl.ts'
import { AGENT, EVALUATION, type EvaluationRow, MODEL } from '../sources/entities.ts'
import { nodeOf } from './node.ts'

export const typeDefs = /* GraphQL */ `
  extend type Query {
    "Newest first unless ordered otherwise."
    evaluations(
      ${listArguments('Evaluation', 'blockNumber', 'desc')}
      ${AT_BLOCK}
    ): EvaluationConnection!
  }

  "Filters of evaluations, in the subgraph's words."
  input EvaluationWhere {
    model: Bytes32
    evaluator: Address
    isFlagged: Boolean
    valueE6_gte: BigInt
    valueE6_lte: BigInt
    blockNumber_gte: BigInt
  }

  enum EvaluationOrderBy {
    id
    blockNumber
    valueE6
  }

  ${connectionOf('Evaluation')}

  "Somebody measured a model."
  type Evaluation implements Node {
    nodeId: ID!
    "Its id on chain."
    id: Bytes32!
    "Null when there is no such model."
    model: Model
    evaluator: Address!
    "The agent that stands behind it with stake; null when governance trusts the evaluator without one."
    agent: Agent
    "CID of the report."
    reportCid: String!
    "Digest of the data that it was measured on."
    dataDigest: Bytes32!
    "What was measured."
    metric: String!
    "The value, in millionths of the metric's unit."
    valueE6: BigInt!
    "Whether it was found wrong: readers pass over it. CURRENT"
    isFlagged: Boolean!
    "Agents that contradicted it. CUMULATIVE"
    challengeCount: Int!
    "Block of the event."
    blockNumber: BigInt!
    "Unix seconds of that block."
    timestamp: BigInt!
    transactionHash: Bytes32!
  }
`

/** 32 bytes of text, padded with zeros; hex where it is no text. */
function asText(bytes: string): string {
  const trimmed = Buffer.from(bytes.slice(2).replace(/(00)+$/, ''), 'hex')
  const text = trimmed.toString('utf8')
  return /^[\x20-\x7e]+$/.test(text) ? text : bytes
}

export const resolvers = {
  Query: {
    evaluations: (_: unknown, page: ListArguments, { subgraph }: ApiContext) =>
      pageOf<EvaluationRow>(subgraph, EVALUATION, page),
  },
  Evaluation: {
    ...nodeOf('Evaluation', EVALUATION),
    model: ({ model }: EvaluationRow, _: unknown, { rows }: ApiContext) => model && rows.load(MODEL, model.id),
    agent: ({ agent }: EvaluationRow, _: unknown, { rows }: ApiContext) => agent && rows.load(AGENT, agent.id),
    evaluator: ({ evaluator }: EvaluationRow) => evaluator.id,
    reportCid: ({ reportDigest }: EvaluationRow) => cidOfDigest(reportDigest as Digest),
    metric: ({ metric }: EvaluationRow) => asText(metric),
  },
}
