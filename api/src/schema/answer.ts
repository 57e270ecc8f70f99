import { cidOfDigest, type Digest, parseManifest, RequestTranscript, ResponseTranscript } from '@openledger/protocol'
import type { ApiContext } from '../context.ts'
import { type PageArguments, pageOf } from '../page-of.ts'
import { type RewardRootRow, readEpoch } from '../sources/epochs.ts'
import { loadEvidence } from './evidence.ts'
import { loadModel } from './model.ts'

export const typeDefs = /* GraphQL */ `
  extend type Query {
    answer(receiptHash: Bytes32!): Answer
    "Newest first."
    answers(first: Int! = 20, after: String): AnswerConnection!
  }

  type AnswerConnection {
    nodes: [Answer!]!
    pageInfo: PageInfo!
  }

  "One served request, as the node's signed receipt states it."
  type Answer {
    receiptHash: Bytes32!
    "Counts the node's receipts, from 0."
    sequence: BigInt!
    "The adapter that answered, or the base; null when the receipt names no registered model."
    model: Model
    node: Address!
    payer: Address
    promptTokens: BigInt!
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
    "Merkle root over the batch of receipts that this one was settled with."
    receiptsRoot: Bytes32!
    settlementTransaction: Bytes32!
    "Why records count for this answer; null when its model has no features or the engine does not answer."
    evidence: Evidence
    "The epoch that pays this answer's contributors; null until its root is proposed."
    epoch: Epoch
    "The contributors' pool of this answer, in wei of OPEN; null until an epoch pays it."
    poolWei: BigInt
    "How the pool is split; empty until an epoch pays it."
    shares: [Share!]!
  }

  "An integer part of an answer's contributor pool."
  type Share {
    contributor: Contributor!
    "The record that earned it; it stands for its cluster."
    record: Record
    amountWei: BigInt!
  }
`

const ANSWER_FIELDS = `receiptHash sequence model { id } node { id } payer { id } promptTokens completionTokens priceWei
  timestampMs requestHash responseHash engineHash batch { receiptsRoot transactionHash }`

export type AnswerRow = {
  receiptHash: string
  model: { id: string } | null
  node: { id: string }
  payer: { id: string } | null
  requestHash: Digest
  responseHash: Digest
  batch: { receiptsRoot: string; transactionHash: string }
}

type ShareRow = { account: string; canonical: string; amountWei: string }

/** The epoch that pays an answer, with the answer's part of it. */
async function payment(answer: AnswerRow, context: ApiContext) {
  for (const root of await context.roots()) {
    const epoch = await readEpoch(context.contentStore, root.dataCid)
    const paid = epoch.paid(answer.receiptHash)
    if (paid !== undefined) return { root, paid }
  }
  return null
}

/** A transcript's member; null when the node keeps transcripts to itself. */
async function transcript<T>(read: () => Promise<T>): Promise<T | null> {
  try {
    return await read()
  } catch {
    return null
  }
}

export const resolvers = {
  Query: {
    answer: async (_: unknown, { receiptHash }: { receiptHash: string }, { subgraph }: ApiContext) => {
      const { answers } = await subgraph.query<{ answers: AnswerRow[] }>(
        `query($block: Int!, $receiptHash: Bytes!) {
          answers(first: 1, where: {receiptHash: $receiptHash}, orderBy: id, block: {number: $block}) { ${ANSWER_FIELDS} }
        }`,
        { receiptHash },
      )
      return answers[0] ?? null
    },
    answers: (_: unknown, page: PageArguments, { subgraph }: ApiContext) =>
      pageOf<AnswerRow>(
        subgraph,
        {
          entity: { typeName: 'Answer', listName: 'answers' },
          fields: ANSWER_FIELDS,
          orderBy: 'timestampMs',
          direction: 'desc',
        },
        page,
      ),
  },
  Answer: {
    model: ({ model }: AnswerRow, _: unknown, context: ApiContext) =>
      model === null ? null : loadModel(context, model.id),
    node: ({ node }: AnswerRow) => node.id,
    payer: ({ payer }: AnswerRow) => payer?.id ?? null,
    requestCid: ({ requestHash }: AnswerRow) => cidOfDigest(requestHash),
    responseCid: ({ responseHash }: AnswerRow) => cidOfDigest(responseHash),
    prompt: ({ requestHash }: AnswerRow, _: unknown, { contentStore }: ApiContext) =>
      transcript(async () => {
        const bytes = await contentStore.get(cidOfDigest(requestHash))
        return parseManifest(RequestTranscript, bytes, 'request').prompt
      }),
    text: ({ responseHash }: AnswerRow, _: unknown, { contentStore }: ApiContext) =>
      transcript(async () => {
        const bytes = await contentStore.get(cidOfDigest(responseHash))
        return parseManifest(ResponseTranscript, bytes, 'response').text
      }),
    receiptsRoot: ({ batch }: AnswerRow) => batch.receiptsRoot,
    settlementTransaction: ({ batch }: AnswerRow) => batch.transactionHash,
    evidence: async (answer: AnswerRow, _: unknown, context: ApiContext) =>
      loadEvidence(answer.receiptHash, (await payment(answer, context))?.paid.evidence ?? null, context),
    epoch: async (answer: AnswerRow, _: unknown, context: ApiContext): Promise<RewardRootRow | null> =>
      (await payment(answer, context))?.root ?? null,
    poolWei: async (answer: AnswerRow, _: unknown, context: ApiContext) =>
      (await payment(answer, context))?.paid.poolWei ?? null,
    shares: async (answer: AnswerRow, _: unknown, context: ApiContext): Promise<ShareRow[]> =>
      (await payment(answer, context))?.paid.shares ?? [],
  },
  Share: {
    contributor: ({ account }: ShareRow) => ({ account }),
    record: ({ canonical }: ShareRow, _: unknown, { records }: ApiContext) => records.load(canonical),
  },
}
