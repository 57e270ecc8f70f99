/** Answers as OpenAI's clients read them. */
import { cidOfDigest } from '@openledger/protocol'
import type { PaidAnswer } from './answer-service.ts'

/** How an answer came about, and where that is proven. */
export type Attribution = {
  /** Hash of the node's AnswerReceipt; GET /v1/receipts/<hash> gives it with the transcripts. */
  receipt: string
  requestCid: string
  responseCid: string
  /** Where the attribution engine explains the answer, once its receipt is settled. */
  evidence: string
  priceWei: string
}

/** @param engineUrl of the attribution engine */
export function attributionOf({ signed }: PaidAnswer, engineUrl: string): Attribution {
  const { priceWei, requestHash, responseHash } = signed.receipt
  return {
    receipt: signed.receiptHash,
    requestCid: cidOfDigest(requestHash),
    responseCid: cidOfDigest(responseHash),
    evidence: `${engineUrl.replace(/\/+$/, '')}/answers/${signed.receiptHash}/evidence`,
    priceWei,
  }
}

export type Usage = { prompt_tokens: number; completion_tokens: number; total_tokens: number }

export function usageOf({ request, response }: PaidAnswer): Usage {
  const [prompt, completion] = [request.promptTokenIds.length, response.tokenIds.length]
  return { prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion }
}

/** What the two kinds of endpoint call their parts. */
export type Dialect = {
  idPrefix: string
  object: string
  chunkObject: string
  /** The choice of a whole answer. */
  whole(text: string): object
  /** The choice of a piece of a stream; the first may introduce it, the last has no text. */
  piece(text: string, isFirst: boolean): object
}

export const CHAT: Dialect = {
  idPrefix: 'chatcmpl-',
  object: 'chat.completion',
  chunkObject: 'chat.completion.chunk',
  whole: (content) => ({ message: { role: 'assistant', content, refusal: null } }),
  piece: (content, isFirst) => ({
    delta: { ...(isFirst && { role: 'assistant' }), ...((isFirst || content !== '') && { content }) },
  }),
}

export const COMPLETION: Dialect = {
  idPrefix: 'cmpl-',
  object: 'text_completion',
  chunkObject: 'text_completion',
  whole: (text) => ({ text }),
  piece: (text) => ({ text }),
}
