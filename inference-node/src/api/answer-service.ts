/**
 * One paid answer, from the request to the receipt. The order of the steps is what the node promises:
 *
 *   price → voucher stored → adapter → tokens → receipt, transcripts and charge stored → the answer's last byte
 */
import { randomBytes, randomInt } from 'node:crypto'
import type { RequestTranscript, ResponseTranscript, SignedReceipt } from '@openledger/protocol'
import type { RegisteredModel } from '../adapters/model-directory.ts'
import type { ModelHost } from '../adapters/model-host.ts'
import { RequestError } from '../error.ts'
import { type PriceList, priceOf } from '../payment/price-list.ts'
import type { Reservation, VoucherDesk } from '../payment/voucher-desk.ts'
import type { ReceiptLog } from '../receipts/receipt-log.ts'
import type { NodeMetrics } from './metrics.ts'
import type { Order } from './order.ts'

const MAX_TOKEN_LENGTH = 256

export class AnswerService {
  readonly #parts: AnswerService.Parts
  /** Requests from their arrival to their receipt. */
  #open = 0

  constructor(parts: AnswerService.Parts) {
    this.#parts = parts
  }

  /**
   * @param voucher value of the header OpenLedger-Voucher
   * @param listener hears when the request is paid for, and of each piece of text
   * @throws RequestError, PaymentError; then nothing was charged
   */
  async answer(order: Order, voucher: string | undefined, listener: AnswerService.Listener): Promise<PaidAnswer> {
    if (this.#open >= this.#parts.maxOpenRequests) throw busy()
    this.#open++
    try {
      return await this.#answer(order, voucher, listener)
    } finally {
      this.#open--
    }
  }

  async #answer(order: Order, voucher: string | undefined, listener: AnswerService.Listener): Promise<PaidAnswer> {
    const { desk, host, metrics, prices } = this.#parts
    const model = await host.resolve(order.model)
    const request = this.#transcript(order, model)
    const price = prices.of(model)
    const promptTokens = request.promptTokenIds.length
    const reservation = await desk.reserve(voucher, {
      modelId: model.id,
      amountWei: priceOf(price, promptTokens, request.maxTokens),
    })
    try {
      const beganMs = performance.now()
      const response = await this.#generate(request, model, listener)
      const priceWei = priceOf(price, promptTokens, response.tokenIds.length)
      const signed = await this.#store(request, response, reservation, priceWei)
      metrics.answered(model.name, promptTokens, response.tokenIds.length, performance.now() - beganMs)
      return { model, request, response, signed }
    } finally {
      desk.release(reservation)
    }
  }

  #transcript(order: Order, model: RegisteredModel): RequestTranscript {
    const { config, tokenizer } = this.#parts.host.engine
    // No token spells so many characters: a text that long is refused before anybody spends time on cutting it up.
    const isHopeless = order.prompt.length > config.maxPositions * MAX_TOKEN_LENGTH
    const promptTokenIds = isHopeless ? [] : [tokenizer.bosId, ...tokenizer.encode(order.prompt)]
    const roomTokens = isHopeless ? 0 : config.maxPositions - promptTokenIds.length
    if (roomTokens < 1 || (order.maxTokens ?? 1) > roomTokens) {
      throw new RequestError('request.too_long', 'Prompt and answer do not fit into the context of the model.', {
        status: 400,
        param: roomTokens < 1 ? 'prompt' : 'max_tokens',
        facts: { contextTokens: config.maxPositions, promptTokens: promptTokenIds.length, maxTokens: order.maxTokens },
        nextStep: 'Shorten the prompt, or ask for fewer tokens.',
      })
    }
    return {
      kind: 'openledger/request@1',
      modelId: model.id,
      prompt: order.prompt,
      promptTokenIds,
      maxTokens: order.maxTokens ?? Math.min(roomTokens, this.#parts.defaultMaxTokens),
      temperature: order.temperature,
      topP: order.topP,
      seed: order.seed ?? randomInt(2 ** 48 - 1),
      stop: order.stop,
      nonce: `0x${randomBytes(32).toString('hex')}`,
    }
  }

  async #generate(
    request: RequestTranscript,
    model: RegisteredModel,
    listener: AnswerService.Listener,
  ): Promise<ResponseTranscript> {
    const { engine } = this.#parts.host
    const { adapterKey, release } = await this.#parts.host.acquire(model)
    try {
      listener.paid?.()
      const { maxTokens, promptTokenIds, seed, stop, temperature, topP } = request
      const generation = await engine.generate(
        { promptTokenIds, adapterKey, maxTokens, stop, sampling: { temperature, topP, seed } },
        (text) => listener.text?.(text),
        listener.signal,
      )
      return { kind: 'openledger/response@1', ...generation }
    } finally {
      release()
    }
  }

  async #store(
    request: RequestTranscript,
    response: ResponseTranscript,
    reservation: Reservation,
    priceWei: bigint,
  ): Promise<SignedReceipt> {
    const { desk, host, onReceipt, receipts } = this.#parts
    const { payer } = reservation
    const facts = { baseModelId: host.base.id, engineHash: host.engine.engineHash, priceWei, payer }
    const signed = await receipts.append({ request, response, timestampMs: Date.now(), ...facts }, () =>
      desk.charge(reservation, priceWei),
    )
    onReceipt()
    return signed
  }
}

export type PaidAnswer = {
  model: RegisteredModel
  request: RequestTranscript
  response: ResponseTranscript
  signed: SignedReceipt
}

export declare namespace AnswerService {
  type Parts = {
    host: ModelHost
    desk: VoucherDesk
    prices: PriceList
    receipts: ReceiptLog
    metrics: NodeMetrics
    /** Called when there is a new receipt to publish. */
    onReceipt(): void
    /** More requests than these are told to come back later. */
    maxOpenRequests: number
    /** Length of an answer whose request names none. */
    defaultMaxTokens: number
  }
  type Listener = {
    paid?(): void
    text?(text: string): void
    /** Takes the request back if it has not begun: the client left. */
    signal?: AbortSignal
  }
}

function busy(): RequestError {
  return new RequestError('node.busy', 'The node has as many requests as it can take.', {
    status: 429,
    nextStep: 'Ask again in a second.',
    retryable: true,
  })
}
