import { randomBytes } from 'node:crypto'
import type { Log } from '@openledger/protocol/service'
import type { Request, Response } from 'express'
import type { TokenText } from '../engine/constraint/token-bytes.ts'
import { VOUCHER_HEADER } from '../payment/voucher-header.ts'
import type { AnswerService, PaidAnswer } from './answer-service.ts'
import { attributionOf, type Dialect, type Placed, usageOf } from './completion-body.ts'
import { errorReply } from './error-body.ts'
import type { Order } from './order.ts'

/** Response header that names the receipts of answers that are sent whole; a stream names each in its choice's last piece. */
export const RECEIPT_HEADER = 'X-Attribution-Receipt'

/** A client that reads so slowly that this much waits for it is given up. */
const MAX_UNREAD_BYTES = 1024 * 1024

/** The handler of one endpoint. @param readOrder what the endpoint's body asks for */
export function completions(
  service: () => AnswerService,
  dialect: Dialect,
  readOrder: (body: unknown) => Order,
  options: { engineUrl: string; log: Log; textOf(tokenId: number): TokenText },
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
    const kept = { common, dialect, ...options }
    if (order.stream) return stream(response, answers, order, voucher, left.signal, kept)

    const given = await answers.answer(order, voucher, { signal: left.signal })
    response.set(RECEIPT_HEADER, given.map(({ signed }) => signed.receiptHash).join(', ')).json({
      ...common,
      object: dialect.object,
      system_fingerprint: given[0]!.signed.receipt.engineHash,
      choices: given.map((answer, index) => ({
        index,
        ...dialect.whole(answer.response.text),
        logprobs: logprobsOf(answer.response, 0, kept),
        finish_reason: answer.response.finishReason,
        ...(given.length > 1 && { attribution: attributionOf(answer, options.engineUrl) }),
      })),
      usage: usageOf(given),
      attribution: attributionOf(given[0]!, options.engineUrl),
    })
  }
}

type Kept = {
  common: { id: string; created: number; model: string }
  dialect: Dialect
  engineUrl: string
  log: Log
  textOf(tokenId: number): TokenText
}

/** Server-sent events. What is refused before the first piece is refused with its HTTP status. */
async function stream(
  response: Response,
  answers: AnswerService,
  order: Order,
  voucher: string | undefined,
  left: AbortSignal,
  kept: Kept,
): Promise<void> {
  const { common, dialect, engineUrl, log } = kept
  const send = (data: object) => {
    response.write(`data: ${JSON.stringify(data)}\n\n`)
    if (response.writableLength > MAX_UNREAD_BYTES) response.destroy()
  }
  const piece = (index: number, content: object, logprobs: object | null, finishReason: string | null = null) => ({
    ...common,
    object: dialect.chunkObject,
    choices: [{ index, ...content, logprobs, finish_reason: finishReason }],
  })
  const shown = Array.from({ length: order.choices }, () => ({ tokens: 0, characters: 0 }))
  /** The last piece of a choice. Its receipt is stored by now: only then does the client learn that the answer ended. */
  const end = (index: number, answer: PaidAnswer) => {
    const { finishReason } = answer.response
    const logprobs = logprobsOf(answer.response, shown[index]!.tokens, kept, shown[index]!.characters)
    const last = piece(index, dialect.piece('', false), logprobs, finishReason)
    send({ ...last, attribution: attributionOf(answer, engineUrl) })
  }
  try {
    const given = await answers.answer(order, voucher, {
      signal: left,
      paid: () => {
        response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' })
        for (const index of shown.keys()) send(piece(index, dialect.piece('', true), null))
      },
      piece: (index, { logprobs, text, tokenIds }) => {
        const { characters } = shown[index]!
        const placed = logprobs === undefined ? null : dialect.logprobs({ logprobs, tokenIds }, kept.textOf, characters)
        send(piece(index, dialect.piece(text, false), placed))
        shown[index] = { tokens: shown[index]!.tokens + tokenIds.length, characters: characters + text.length }
      },
      answered: end,
    })
    if (order.includeUsage) {
      send({ ...common, object: dialect.chunkObject, choices: [], usage: usageOf(given) })
    }
    response.end('data: [DONE]\n\n')
  } catch (error) {
    if (!response.headersSent) throw error
    if (!left.aborted) log.error('a stream broke off', error)
    send(errorReply(error).body)
    response.end()
  }
}

/** Of the tokens from the `from`-th on; null where nobody asked. */
function logprobsOf(
  { logprobs, tokenIds }: { logprobs?: Placed['logprobs'] | undefined; tokenIds: readonly number[] },
  from: number,
  { dialect, textOf }: Pick<Kept, 'dialect' | 'textOf'>,
  offset = 0,
): object | null {
  if (logprobs === undefined) return null
  const rest = { tokenIds: tokenIds.slice(from), logprobs: logprobs.slice(from) }
  return rest.tokenIds.length === 0 ? null : dialect.logprobs(rest, textOf, offset)
}
