/**
 * One paid answer, from the request to the receipt. The order of the steps is what the node promises:
 *
 *   price → voucher stored → adapter → tokens → receipt, transcripts and charge stored → the answer's last byte
 */
import { randomBytes, randomInt } from 'node:crypto'
import type { RequestTranscript, ResponseTranscript, SignedReceipt } from '@openledger/protocol'
import type { RegisteredModel } from '../adapters/model-directory.ts'
import type { ModelHost } from '../adapters/model-host.ts'
import type { Piece, Timing } from '../engine/generation-batch.ts'
import { answerRequestOf } from '../engine/request.ts'
import { RequestError } from '../error.ts'
import { type Price, type PriceList, priceOf } from '../payment/price-list.ts'
import type { Reservation, VoucherDesk } from '../payment/voucher-desk.ts'
import type { ReceiptLog } from '../receipts/receipt-log.ts'
import type { NodeMetrics } from './metrics.ts'
import type { EmbeddingOrder, Order } from './order.ts'

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
    return this.#admitted(order.choices, async () => {
      const model = await this.#parts.host.resolve(order.model)
      const request = this.#transcript(order, model)
      const generate: Work = async (adapterKey, payer, signal, choice) => {
        const own = choice === 0 ? request : { ...request, choice, nonce: newNonce() }
        const { generation, timing } = await this.#parts.host.engine.generate(answerRequestOf(own, adapterKey), {
          client: payer,
          patienceMs: this.#parts.patienceMs,
          signal,
          onPiece: (piece) => listener.piece?.(choice, piece),
        })
        return { request: own, response: { kind: 'openledger/response@1', ...generation }, timing }
      }
      // The prompt is paid for once, with the first choice.
      const promptTokens = (choice: number) => (choice === 0 ? request.promptTokenIds.length : 0)
      const tokens = Array.from({ length: order.choices }, (_, choice) => promptTokens(choice))
      return this.#serve(
        { model, promptTokens: tokens, maxTokens: request.maxTokens, work: generate },
        voucher,
        listener,
      )
    })
  }

  /**
   * The embeddings of texts: one receipt for each.
   * @throws as `answer`
   */
  async embed(order: EmbeddingOrder, voucher: string | undefined, signal: AbortSignal): Promise<PaidAnswer[]> {
    return this.#admitted(order.texts.length, async () => {
      const model = await this.#parts.host.resolve(order.model)
      const requests = order.texts.map((text) => this.#embeddingTranscript(text, model))
      const work: Work = async (adapterKey, _payer, _signal, i) => {
        const { promptTokenIds } = requests[i]!
        const embedding = await this.#parts.host.engine.embed({ promptTokenIds, adapterKey })
        return {
          request: requests[i]!,
          response: { kind: 'openledger/response@1', tokenIds: [], text: '', finishReason: 'stop', embedding },
        }
      }
      const promptTokens = requests.map(({ promptTokenIds }) => promptTokenIds.length)
      return this.#serve({ model, promptTokens, maxTokens: 0, work }, voucher, { signal })
    })
  }

  async #admitted<T>(count: number, serve: () => Promise<T>): Promise<T> {
    if (this.#open + count > this.#parts.maxOpenRequests) throw this.#busy('node.busy')
    this.#open += count
    try {
      return await serve()
    } finally {
      this.#open -= count
    }
  }

  async #serve(job: Job, voucher: string | undefined, listener: AnswerService.Listener): Promise<PaidAnswer[]> {
    const { desk, prices } = this.#parts
    const { maxTokens, model, promptTokens } = job
    const price = prices.of(model)
    // Each rounds up by itself, as its receipt will.
    const mostWei = promptTokens.reduce((sum, tokens) => sum + priceOf(price, tokens, maxTokens), 0n)
    const reservation = await desk.reserve(voucher, { modelId: model.id, amountWei: mostWei })
    const { payer } = reservation
    try {
      this.#countPayer(payer, promptTokens.length)
      try {
        return await this.#serveAll(job, price, reservation, listener)
      } finally {
        this.#countPayer(payer, -promptTokens.length)
      }
    } finally {
      desk.release(reservation)
    }
  }

  /** All parts at once. A fault of one ends the others: the client gets all of them or none. */
  async #serveAll(
    { model, promptTokens, work }: Job,
    price: Price,
    reservation: Reservation,
    listener: AnswerService.Listener,
  ): Promise<PaidAnswer[]> {
    const broken = new AbortController()
    const signal = listener.signal === undefined ? broken.signal : AbortSignal.any([listener.signal, broken.signal])
    const { adapterKey, release } = await this.#parts.host.acquire(model)
    try {
      listener.paid?.()
      const beganMs = performance.now()
      const one = async (prompt: number, index: number): Promise<PaidAnswer> => {
        const { request, response, timing } = await work(adapterKey, reservation.payer, signal, index)
        const completion = response.tokenIds.length
        const signed = await this.#store(request, response, reservation, priceOf(price, prompt, completion))
        this.#parts.metrics.answered(model.name, { prompt, completion }, performance.now() - beganMs, timing)
        const answer = { model, request, response, signed }
        listener.answered?.(index, answer)
        return answer
      }
      const orBreak = (error: unknown) => {
        broken.abort()
        throw error
      }
      const ended = await Promise.allSettled(promptTokens.map((prompt, index) => one(prompt, index).catch(orBreak)))
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

  /** @throws request.too_long */
  #tokensOf(prompt: string, maxTokens: number | null, param: string): { promptTokenIds: number[]; roomTokens: number } {
    const { config, tokenizer } = this.#parts.host.engine
    // No token spells so many characters: a text that long is refused before anybody spends time on cutting it up.
    const isHopeless = prompt.length > config.maxPositions * MAX_TOKEN_LENGTH
    const promptTokenIds = isHopeless ? [] : [tokenizer.bosId, ...tokenizer.encode(prompt)]
    const roomTokens = isHopeless ? 0 : config.maxPositions - promptTokenIds.length
    if (roomTokens >= 1 && (maxTokens ?? 1) <= roomTokens) return { promptTokenIds, roomTokens }
    throw new RequestError('request.too_long', 'Prompt and answer do not fit into the context of the model.', {
      status: 400,
      param: roomTokens < 1 ? param : 'max_tokens',
      facts: { contextTokens: config.maxPositions, promptTokens: promptTokenIds.length, maxTokens },
      nextStep: 'Shorten the prompt, or ask for fewer tokens.',
    })
  }

  #embeddingTranscript(prompt: string, model: RegisteredModel): RequestTranscript {
    const { promptTokenIds } = this.#tokensOf(prompt, null, 'input')
    const unused = { maxTokens: 1, temperature: 0, topP: 1, seed: 0, stop: [] }
    const nonce = newNonce()
    return { kind: 'openledger/request@1', modelId: model.id, prompt, promptTokenIds, ...unused, embed: true, nonce }
  }

  #transcript(order: Order, model: RegisteredModel): RequestTranscript {
    const { config } = this.#parts.host.engine
    const { promptTokenIds, roomTokens } = this.#tokensOf(order.prompt, order.maxTokens, 'prompt')
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

/** What is paid for together: parts that are served apart, each with a receipt. */
type Job = {
  model: RegisteredModel
  /** What each part pays for its prompt. */
  promptTokens: readonly number[]
  /** The most that each may generate. */
  maxTokens: number
  work: Work
}
type Work = (
  adapterKey: string | null,
  payer: string,
  signal: AbortSignal,
  index: number,
) => Promise<{ request: RequestTranscript; response: ResponseTranscript; timing?: Timing }>

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
