import {
  cidOfDigest,
  type Digest,
  OpenLedgerError,
  parseManifest,
  RequestTranscript,
  ResponseTranscript,
} from '@openledger/protocol'
import type { ApiContext } from '../context.ts'
import { checkFirst, type ListArguments, pageOf } from '../lists/page-of.ts'
import { AT_BLOCK, connectionOf, listArguments } from '../lists/sdl.ts'
import { ANSWER, MODEL } from '../sources/entities.ts'
import { type RewardRootRow, readEpoch } from '../sources/epochs.ts'
import { loadEvidence } from './evidence.ts'
import { nodeOf } from './node.ts'

/** An answer is split among few records; who wants more than these reads the epoch's manifest. */
const MAX_SHARES = 1_000

export const typeDefs = /* GraphQL */ `
  extend type Query {
    answer(
      receiptHash: Bytes32!
      ${AT_BLOCK}
    ): Answer
    "Newest first unless ordered otherwise."
    answers(
      ${listArguments('Answer', 'timestampMs', 'desc')}
      ${AT_BLOCK}
    ): AnswerConnection!
  }

  "Filters of answers, in the subgraph's words."
  input AnswerWhere {
    receiptHash_in: [Bytes32!]
    model: Bytes32
    node: Address
    payer: Address
    priceWei_gte: BigInt
    timestampMs_gte: BigInt
    timestampMs_lte: BigInt
  }

  enum AnswerOrderBy {
    id
    timestampMs
    priceWei
    sequence
    promptTokens
    completionTokens
  }

  ${connectionOf('Answer')}

  "One served request, as the node's signed receipt states it."
  type Answer implements Node {
    nodeId: ID!
    receiptHash: Bytes32!
    "Counts the node's receipts, from 0."
    sequence: BigInt!
    "The adapter that answered, or the base; null when the receipt names no registered model."
    model: Model
    node: Address!
    payer: Address
    "Tokens read."
    promptTokens: BigInt!
    "Tokens written."
    completionTokens: BigInt!
    "In wei of OPEN."
    priceWei: BigInt!
    "Unix milliseconds, by the node's clock."
    timestampMs: BigInt!
    requestCid: String!
    responseCid: String!
    "The prompt; null when the transcript was not published or has expired."
    prompt: String
    "The answer's text; null when the transcript was not published or has expired."
    text: String
    "Names the computation: equal hashes replay to equal tokens."
    engineHash: Bytes32!
    "Hash of the node's receipt before this one."
    previousReceipt: Bytes32!
    "Merkle root over the batch of receipts that this one was settled with."
    receiptsRoot: Bytes32!
    "CID of the manifest that lists that batch."
    receiptsCid: String!
    settlementTransaction: Bytes32!
    "Block of that transaction."
    blockNumber: BigInt!
    "Why records count for this answer; null when its model has no features or the engine does not answer."
    evidence: Evidence
    "The epoch that pays this answer's contributors; null until its root is proposed."
    epoch: Epoch
    "The contributors' pool of this answer, in wei of OPEN; null until an epoch pays it."
    poolWei: BigInt
    "How the pool is split, 1 to 1000 parts; empty until an epoch pays it."
    shares(
      first: Int! = 1000
      "How many to leave out: those of the pages before."
      after: Int! = 0
    ): [Share!]!
  }

  "An integer part of an answer's contributor pool."
  type Share {
    contributor: Contributor!
    "The record that earned it; it stands for its cluster."
    record: Record
    "In wei of OPEN."
    amountWei: BigInt!
  }
`

export type AnswerRow = {
  id: string
  receiptHash: string
  model: { id: string } | null
  node: { id: string }
  payer: { id: string } | null
  requestHash: Digest
  responseHash: Digest
  batch: { receiptsRoot: string; receiptsCid: string; transactionHash: string; blockNumber: string }
}

type ShareRow = { account: string; canonical: string; amountWei: string }

/** The epoch that pays an answer, with the answer's part of it: that whose blocks hold its settlement, or the next one. */
async function payment({ receiptHash, batch }: AnswerRow, context: ApiContext) {
  const roots = (await context.roots()).filter(({ toBlock }) => BigInt(toBlock) >= BigInt(batch.blockNumber))
  for (const root of roots.reverse().slice(0, 2)) {
    const paid = (await readEpoch(context.content, root.dataCid)).paid(receiptHash)
    if (paid !== undefined) return { root, paid }
  }
  return null
}

/** A transcript that the node keeps to itself is no fault; a content store that does not answer is one. */
async function transcript<T>(read: () => Promise<T>): Promise<T | null> {
  try {
    return await read()
  } catch (error) {
    if (error instanceof OpenLedgerError && error.code === 'content.unreachable') throw error
    return null
  }
}

export const resolvers = {
  Query: {
    answer: async (_: unknown, { receiptHash }: { receiptHash: string }, { subgraph }: ApiContext) => {
      const page = { first: 1, orderBy: 'id', orderDirection: 'asc' } as const
      return (await pageOf<AnswerRow>(subgraph, ANSWER, page, { receiptHash })).nodes[0] ?? null
    },
    answers: (_: unknown, page: ListArguments, { subgraph }: ApiContext) => pageOf<AnswerRow>(subgraph, ANSWER, page),
  },
  Answer: {
    ...nodeOf('Answer', ANSWER),
    model: ({ model }: AnswerRow, _: unknown, { rows }: ApiContext) =>
      model === null ? null : rows.load(MODEL, model.id),
    node: ({ node }: AnswerRow) => node.id,
    payer: ({ payer }: AnswerRow) => payer?.id ?? null,
    requestCid: ({ requestHash }: AnswerRow) => cidOfDigest(requestHash),
    responseCid: ({ responseHash }: AnswerRow) => cidOfDigest(responseHash),
    prompt: ({ requestHash }: AnswerRow, _: unknown, { content }: ApiContext) =>
      transcript(async () => {
        const bytes = await content.get(cidOfDigest(requestHash))
        return parseManifest(RequestTranscript, bytes, 'request').prompt
      }),
    text: ({ responseHash }: AnswerRow, _: unknown, { content }: ApiContext) =>
      transcript(async () => {
        const bytes = await content.get(cidOfDigest(responseHash))
        return parseManifest(ResponseTranscript, bytes, 'response').text
      }),
    receiptsRoot: ({ batch }: AnswerRow) => batch.receiptsRoot,
    receiptsCid: ({ batch }: AnswerRow) => batch.receiptsCid,
    settlementTransaction: ({ batch }: AnswerRow) => batch.transactionHash,
    blockNumber: ({ batch }: AnswerRow) => batch.blockNumber,
    evidence: async (answer: AnswerRow, _: unknown, context: ApiContext) =>
      loadEvidence(answer.receiptHash, (await payment(answer, context))?.paid.evidence ?? null, context),
    epoch: async (answer: AnswerRow, _: unknown, context: ApiContext): Promise<RewardRootRow | null> =>
      (await payment(answer, context))?.root ?? null,
    poolWei: async (answer: AnswerRow, _: unknown, context: ApiContext) =>
      (await payment(answer, context))?.paid.poolWei ?? null,
    shares: async (answer: AnswerRow, { first, after }: { first: number; after: number }, context: ApiContext) => {
      checkFirst(first, MAX_SHARES)
      return ((await payment(answer, context))?.paid.shares ?? []).slice(Math.max(0, after)).slice(0, first)
    },
  },
  Share: {
    contributor: ({ account }: ShareRow) => ({ id: account }),
    record: ({ canonical }: ShareRow, _: unknown, { records }: ApiContext) => records.load(canonical),
  },
}
