/** Answers as OpenAI's clients read them. */
import { type Attribution, cidOfDigest } from '@openledger/protocol'
import type { TokenText } from '../engine/constraint/token-bytes.ts'
import type { TokenLogprobs } from '../engine/logprobs.ts'
import type { PaidAnswer } from './answer-service.ts'

/** @param engineUrl of the attribution engine */
export function attributionOf({ signed }: Pick<PaidAnswer, 'signed'>, engineUrl: string): Attribution {
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

/** What the answers to one request used: its prompt counts once, as it is paid once. */
export function usageOf(answers: readonly PaidAnswer[]): Usage {
  const prompt = answers[0]?.request.promptTokenIds.length ?? 0
  const completion = answers.reduce((sum, { response }) => sum + response.tokenIds.length, 0)
  return { prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion }
}

/** Tokens with what the model thought of them. */
export type Placed = { tokenIds: readonly number[]; logprobs: readonly TokenLogprobs[] }

/** What the two kinds of endpoint call their parts. */
export type Dialect = {
  idPrefix: string
  object: string
  chunkObject: string
  /** The choice of a whole answer. */
  whole(text: string): object
  /** The choice of a piece of a stream; the first may introduce it, the last has no text. */
  piece(text: string, isFirst: boolean): object
  /** @param offset characters of the answer before these tokens */
  logprobs(placed: Placed, textOf: (tokenId: number) => TokenText, offset: number): object
}

export const CHAT: Dialect = {
  idPrefix: 'chatcmpl-',
  object: 'chat.completion',
  chunkObject: 'chat.completion.chunk',
  whole: (content) => ({ message: { role: 'assistant', content, refusal: null } }),
  piece: (content, isFirst) => ({
    delta: { ...(isFirst && { role: 'assistant' }), ...((isFirst || content !== '') && { content }) },
  }),
  logprobs: ({ logprobs, tokenIds }, textOf) => ({
    content: tokenIds.map((id, i) => ({
      ...textOf(id),
      logprob: logprobs[i]!.logprob,
      top_logprobs: logprobs[i]!.top.map(([top, logprob]) => ({ ...textOf(top), logprob })),
    })),
    refusal: null,
  }),
}

export const COMPLETION: Dialect = {
  idPrefix: 'cmpl-',
  object: 'text_completion',
  chunkObject: 'text_completion',
  whole: (text) => ({ text }),
  piece: (text) => ({ text }),
  logprobs: ({ logprobs, tokenIds }, textOf, offset) => {
    const tokens = tokenIds.map((id) => textOf(id).token)
    let at = offset
    return {
      tokens,
      token_logprobs: logprobs.map(({ logprob }) => logprob),
      top_logprobs: logprobs.map(({ top }) =>
        Object.fromEntries(top.map(([id, logprob]) => [textOf(id).token, logprob])),
      ),
      text_offset: tokens.map((token) => {
        at += token.length
        return at - token.length
      }),
    }
  },
}
