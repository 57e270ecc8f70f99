/**
 * One paid answer, from the request to the receipt. The order of the steps is what the node promises:
 *
 *   price → voucher stored → adapter → tokens → receipt, transcripts and charge stored → the answer's last byte
 */
import { randomBytes, randomInt } from 'node:crypto'
import type { RequestTranscript, ResponseTranscript, SignedReceipt } from '@openledger/protocol'
import type { RegisteredModel } from '../adapters/model-directory.ts'
import type { ModelHost } from '../adapters/model-host.ts'
import type { Piece } from '../engine/generation-batch.ts'
import { answerRequestOf } from '../engine/request.ts'
import { RequestError } from '../error.ts'
import { type PriceList, priceOf } from '../payment/price-list.ts'
import type { Reservation, VoucherDesk } from '../payment/voucher-desk.ts'
import type { ReceiptLog } from '../receipts/receipt-log.ts'
import type { NodeMetrics } from './metrics.ts'
import type { Order } from './order.ts'

const MAX_TOKEN_LENGTH = 256

export class AnswerService {
  readonly #parts: AnswerService.Parts
  /** Answers from their request's arrival to their receipt. */
  #open = 0
  /** The same by payer, from their payment on. */
  readonly #openOf = new Map<string, number>()

  constructor(parts: AnswerService.Parts) {
    this.#parts = parts
  }

  /**
   * @param voucher value of the header OpenLedger-Voucher
   * @param listener hears when the request is paid for, of each piece of text, and of each answer that is complete
   * @returns one answer for each choice, each with its receipt
   * @throws RequestError, PaymentError; then nothing was charged, but for answers that were complete before the fault
   */
  async answer(order: Order, voucher: string | undefined, listener: AnswerService.Listener): Promise<PaidAnswer[]> {
    if (this.#open + order.choices > this.#parts.maxOpenRequests) throw this.#busy('node.busy')
    this.#open += order.choices
    try {
      return await this.#answer(order, voucher, listener)
    } finally {
      this.#open -= order.choices
    }
  }

  async #answer(order: Order, voucher: string | undefined, listener: AnswerService.Listener): Promise<PaidAnswer[]> {
    const { desk, host, prices } = this.#parts
    const model = await host.resolve(order.model)
    const request = this.#transcript(order, model)
    const price = prices.of(model)
    // The prompt is paid for once, and each choice rounds up by itself.
    const amountOf = (choice: number, tokens: number) =>
      priceOf(price, choice === 0 ? request.promptTokenIds.length : 0, tokens)
    const furtherWei = BigInt(order.choices - 1) * amountOf(1, request.maxTokens)
    const reservation = await desk.reserve(voucher, {
      modelId: model.id,
      amountWei: amountOf(0, request.maxTokens) + furtherWei,
    })
    const { payer } = reservation
    try {
      this.#countPayer(payer, order.choices)
      try {
        return await this.#answerAll(order.choices, request, model, listener, { reservation, amountOf })
      } finally {
        this.#countPayer(payer, -order.choices)
      }
    } finally {
      desk.release(reservation)
    }
  }

  /** All choices at once. A fault of one ends the others: the client gets all of them or none. */
  async #answerAll(
    choices: number,
    request: RequestTranscript,
    model: RegisteredModel,
    listener: AnswerService.Listener,
    { amountOf, reservation }: { amountOf(choice: number, tokens: number): bigint; reservation: Reservation },
  ): Promise<PaidAnswer[]> {
    const broken = new AbortController()
    const signal = listener.signal === undefined ? broken.signal : AbortSignal.any([listener.signal, broken.signal])
    const { adapterKey, release } = await this.#parts.host.acquire(model)
    try {
      listener.paid?.()
      const beganMs = performance.now()
      const one = async (choice: number): Promise<PaidAnswer> => {
        const own = choice === 0 ? request : { ...request, choice, nonce: newNonce() }
        const { generation, timing } = await this.#parts.host.engine.generate(answerRequestOf(own, adapterKey), {
          client: reservation.payer,
          patienceMs: this.#parts.patienceMs,
          signal,
          onPiece: (piece) => listener.piece?.(choice, piece),
        })
        const response: ResponseTranscript = { kind: 'openledger/response@1', ...generation }
        const priceWei = amountOf(choice, generation.tokenIds.length)
        const signed = await this.#store(own, response, reservation, priceWei)
        const counts = { prompt: choice === 0 ? own.promptTokenIds.length : 0, completion: generation.tokenIds.length }
        this.#parts.metrics.answered(model.name, counts, performance.now() - beganMs, timing)
        const answer = { model, request: own, response, signed }
        listener.answered?.(choice, answer)
        return answer
      }
      const ended = await Promise.allSettled(
        Array.from({ length: choices }, (_, choice) =>
          one(choice).catch((error) => {
            broken.abort()
            throw error
          }),
        ),
      )
      const fault = ended.find((end) => end.status === 'rejected')
      if (fault !== undefined) throw fault.reason
      return ended.map((end) => (end as PromiseFulfilledResult<PaidAnswer>).value)
    } finally {
      release()
    }
  }

  /** @throws payer.busy */
  #countPayer(payer: string, change: number): void {
    const open = (this.#openOf.get(payer) ?? 0) + change
    if (change > 0 && open > this.#parts.maxOpenPerPayer) throw this.#busy('payer.busy')
    if (open > 0) this.#openOf.set(payer, open)
    else this.#openOf.delete(payer)
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
    const unknown = order.decoding.logitBias?.find(([token]) => token >= config.vocabSize)
    if (unknown !== undefined) {
      throw new RequestError('request.invalid', `logit_bias: the model has no token ${unknown[0]}`, {
        status: 400,
        param: 'logit_bias',
        facts: { token: unknown[0], vocabulary: config.vocabSize },
        nextStep: "Name tokens by their ids in the model's tokenizer.json.",
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
      ...order.decoding,
      nonce: newNonce(),
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

  /** Says when it is worth asking again: when the answers before are likely to be done. */
  #busy(code: 'node.busy' | 'payer.busy'): RequestError {
    const isPayer = code === 'payer.busy'
    return new RequestError(
      code,
      isPayer
        ? 'This payer has as many open requests as one may have.'
        : 'The node has as many requests as it can take.',
      {
        status: 429,
        nextStep: 'Ask again after the seconds that Retry-After names.',
        retryable: true,
        retryAfterS: this.#parts.metrics.secondsUntilRoom(this.#open, this.#parts.rows),
      },
    )
  }
}

function newNonce(): `0x${string}` {
  return `0x${randomBytes(32).toString('hex')}`
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
    /** More answers than these are told to come back later: in all, and of one payer. */
    maxOpenRequests: number
    maxOpenPerPayer: number
    /** Answers that the engine works on at once. */
    rows: number
    /** How long a request waits for the engine at most. */
    patienceMs: number
    /** Length of an answer whose request names none. */
    defaultMaxTokens: number
  }
  type Listener = {
    paid?(): void
    piece?(choice: number, piece: Piece): void
    /** The answer's receipt is stored. */
    answered?(choice: number, answer: PaidAnswer): void
    /** The client left: a request that has not begun is taken back, one that has begun is ended and charged so far. */
    signal?: AbortSignal
  }
}
