import { z } from 'zod'
import { SignedReceipt } from '../receipt.ts'
import { address, bytes32, cid, integer, uint } from './primitives.ts'

/**
 * One request as it was served. Its digest is `requestHash`. Optional members are left out where the request leaves them
 * neutral, so that a transcript says nothing that was not asked for.
 */
export const RequestTranscript = z.object({
  kind: z.literal('openledger/request@1'),
  modelId: bytes32,
  /** The prompt after the chat template. */
  prompt: z.string(),
  promptTokenIds: z.array(z.int().min(0)),
  maxTokens: z.int().min(1),
  temperature: z.number().min(0),
  topP: z.number(),
  seed: z.int().min(0),
  stop: z.array(z.string()),
  /** Which of several answers to one request, from 0: each has a receipt of its own. */
  choice: z.int().min(1).optional(),
  topK: z.int().min(1).optional(),
  minP: z.number().gt(0).max(1).optional(),
  presencePenalty: z.number().optional(),
  frequencyPenalty: z.number().optional(),
  repetitionPenalty: z.number().gt(0).optional(),
  /** Added to the logits of tokens: [token, bias], by token. */
  logitBias: z.array(z.tuple([z.int().min(0), z.number()])).optional(),
  /** How many of the likeliest tokens the response names at each place. */
  topLogprobs: z.int().min(0).optional(),
  /** JSON Schema, as JSON, that the text was held to; a text, because the order of its members counts. */
  jsonSchema: z.string().optional(),
  /** Asks for the embedding of the prompt, not for an answer. */
  embed: z.literal(true).optional(),
  /** Makes equal requests differ, so that a hash does not reveal that two people asked the same. */
  nonce: bytes32,
})
export type RequestTranscript = z.infer<typeof RequestTranscript>

/** One answer as it was given. Its digest is `responseHash`. */
export const ResponseTranscript = z.object({
  kind: z.literal('openledger/response@1'),
  tokenIds: z.array(z.int().min(0)),
  text: z.string(),
  /** `cancelled`: the client left; what was generated until then is the answer. */
  finishReason: z.enum(['stop', 'length', 'cancelled']),
  /** Natural logarithms of the model's own probabilities: of each token, and of the likeliest in its place. */
  logprobs: z.array(z.object({ logprob: z.number(), top: z.array(z.tuple([z.int().min(0), z.number()])) })).optional(),
  /** The mean of the prompt's hidden states, of length 1: float32, little-endian, in base64. */
  embedding: z.string().optional(),
})
export type ResponseTranscript = z.infer<typeof ResponseTranscript>

/** The receipts under one anchored root, in the order of their sequence. The subgraph reads it as a file data source. */
export const ReceiptsManifest = z.object({
  kind: z.literal('openledger/receipts@1'),
  node: address,
  firstSequence: uint(64),
  receipts: z.array(SignedReceipt).min(1),
})
export type ReceiptsManifest = z.infer<typeof ReceiptsManifest>

/** How much a cluster of training records lowered the loss of one answer, in integers that everybody recomputes alike. */
export const InfluenceEvidence = z.object({
  /** Digest of the cluster's canonical record. */
  canonical: bytes32,
  contributor: address,
  /** One score per training seed, in the units of the features. */
  scores: z.array(integer).min(1),
  mean: integer,
  /** Standard error of the mean over seeds. */
  standardError: integer,
  /** max(mean - 2 standardError, 0), leverage capped: what pay is proportional to. */
  utility: uint(256),
  /** Part of the answer's contributor pool, rounded down. */
  sharePpm: z.int().min(0).max(1_000_000),
})
export type InfluenceEvidence = z.infer<typeof InfluenceEvidence>

/** A span of the answer that stands word for word in the corpus. */
export const VerbatimEvidence = z.object({
  /** UTF-16 offsets into the answer's text. */
  start: z.int().min(0),
  end: z.int().min(1),
  text: z.string(),
  /** Sum of log2 unigram probabilities of its tokens, times -1000: higher is rarer. */
  surprisalMillibits: z.int(),
  documents: z.array(z.object({ record: bytes32, start: z.int().min(0), end: z.int().min(1) })).min(1),
})
export type VerbatimEvidence = z.infer<typeof VerbatimEvidence>

/** Why records count for an answer. The kinds are never mixed: only `influence` is paid. */
export const Evidence = z.object({
  kind: z.literal('openledger/evidence@1'),
  receiptHash: bytes32,
  modelId: bytes32,
  /** CID of the features manifest that the scores were computed with. */
  features: cid,
  /** CID of the answer's own quantised gradients: [layers][parameters] int8, in the order of the features' layers. */
  answerFeatures: cid,
  influence: z.array(InfluenceEvidence),
  verbatim: z.array(VerbatimEvidence),
  /** Records that were put into the prompt; empty as long as nothing is retrieved. */
  retrieval: z.array(z.object({ record: bytes32 })),
})
export type Evidence = z.infer<typeof Evidence>
