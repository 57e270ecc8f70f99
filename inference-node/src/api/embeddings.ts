import type { Request, Response } from 'express'
import { decodeEmbedding } from '../engine/embed.ts'
import { VOUCHER_HEADER } from '../payment/voucher-header.ts'
import type { AnswerService } from './answer-service.ts'
import { attributionOf } from './completion-body.ts'
import { RECEIPT_HEADER } from './completions.ts'
import { readEmbedding } from './order.ts'

/** The handler of /v1/embeddings. */
export function embeddings(service: () => AnswerService, options: { engineUrl: string }) {
  return async (request: Request, response: Response): Promise<void> => {
    const answers = service()
    const order = readEmbedding(request.body)
    const left = new AbortController()
    response.once('close', () => left.abort())
    const given = await answers.embed(order, request.get(VOUCHER_HEADER), left.signal)
    const tokens = given.reduce((sum, { request: { promptTokenIds } }) => sum + promptTokenIds.length, 0)
    response.set(RECEIPT_HEADER, given.map(({ signed }) => signed.receiptHash).join(', ')).json({
      object: 'list',
      data: given.map((answer, index) => {
        const embedding = answer.response.embedding!
        return {
          object: 'embedding',
          index,
          embedding: order.encoding === 'base64' ? embedding : decodeEmbedding(embedding),
          ...(given.length > 1 && { attribution: attributionOf(answer, options.engineUrl) }),
        }
      }),
      model: order.model,
      usage: { prompt_tokens: tokens, total_tokens: tokens },
      attribution: attributionOf(given[0]!, options.engineUrl),
    })
  }
}
