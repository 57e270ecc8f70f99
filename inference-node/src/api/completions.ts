import { randomBytes } from 'node:crypto'
import type { Log } from '@openledger/protocol/service'
import type { Request, Response } from 'express'
import { VOUCHER_HEADER } from '../payment/voucher-header.ts'
import type { AnswerService } from './answer-service.ts'
import { attributionOf, type Dialect, usageOf } from './completion-body.ts'
import { errorReply } from './error-body.ts'
import type { Order } from './order.ts'

/** Response header that names the receipt of an answer that is sent whole; a stream names it in its last piece. */
export const RECEIPT_HEADER = 'X-Attribution-Receipt'

/** The handler of one endpoint. @param readOrder what the endpoint's body asks for */
export function completions(
  service: () => AnswerService,
  dialect: Dialect,
  readOrder: (body: unknown) => Order,
  options: { engineUrl: string; log: Log },
) {
  return async (request: Request, response: Response): Promise<void> => {
    const answers = service()
    const order = readOrder(request.body)
    const voucher = request.get(VOUCHER_HEADER)
    const left = new AbortController()
    response.once('close', () => left.abort())
    const common = {
      id: `${dialect.idPrefix}${randomBytes(12).toString('hex')}`,
      created: Math.floor(Date.now() / 1000),
      model: order.model,
    }
    if (order.stream) return stream(response, answers, order, voucher, left.signal, { common, dialect, ...options })

    const answer = await answers.answer(order, voucher, { signal: left.signal })
    const { finishReason, text } = answer.response
    response.set(RECEIPT_HEADER, answer.signed.receiptHash).json({
      ...common,
      object: dialect.object,
      system_fingerprint: answer.signed.receipt.engineHash,
      choices: [{ index: 0, ...dialect.whole(text), logprobs: null, finish_reason: finishReason }],
      usage: usageOf(answer),
      attribution: attributionOf(answer, options.engineUrl),
    })
  }
}

type StreamOptions = {
  common: { id: string; created: number; model: string }
  dialect: Dialect
  engineUrl: string
  log: Log
}

/** Server-sent events. What is refused before the first piece is refused with its HTTP status. */
async function stream(
  response: Response,
  answers: AnswerService,
  order: Order,
  voucher: string | undefined,
  signal: AbortSignal,
  { common, dialect, engineUrl, log }: StreamOptions,
): Promise<void> {
  const send = (data: object) => response.write(`data: ${JSON.stringify(data)}\n\n`)
  const piece = (text: string, isFirst: boolean, finishReason: string | null = null) => ({
    ...common,
    object: dialect.chunkObject,
    choices: [{ index: 0, ...dialect.piece(text, isFirst), logprobs: null, finish_reason: finishReason }],
  })
  try {
    const answer = await answers.answer(order, voucher, {
      signal,
      paid: () => {
        response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' })
        send(piece('', true))
      },
      text: (text) => send(piece(text, false)),
    })
    // The receipt is stored by now: only then does the client learn that the answer has ended.
    send({ ...piece('', false, answer.response.finishReason), attribution: attributionOf(answer, engineUrl) })
    if (order.includeUsage) {
      send({ ...common, object: dialect.chunkObject, choices: [], usage: usageOf(answer) })
    }
    response.end('data: [DONE]\n\n')
  } catch (error) {
    if (!response.headersSent) throw error
    log.error('a stream broke off', error)
    send(errorReply(error).body)
    response.end()
  }
}
