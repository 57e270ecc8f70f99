/**
 * A client that pays: it signs a cumulative voucher for each request, answers a 402 with the voucher that is asked for,
 * and believes no answer before it has checked the node's receipt.
 */
import {
  type AnswerReceipt,
  jsonDigest,
  OpenLedgerError,
  type RequestTranscript,
  type ResponseTranscript,
  receiptHash,
  receiptSigner,
  type SignedReceipt,
  signVoucher,
} from '@openledger/protocol'
import type { Signer, TypedDataDomain } from 'ethers'
import type { Attribution, Usage } from './api/completion-body.ts'
import type { PaymentError } from './payment/payment-error.ts'
import { encodeVoucher, VOUCHER_HEADER } from './payment/voucher-header.ts'

/** Vouchers are made to live so much longer than the node asks for. */
const EXTRA_LIFETIME_S = 3600n
/** A voucher may be overtaken by another client of the same payer; each time the node says what it needs now. */
const ATTEMPTS = 5

/**
 * A node's word is taken for one thing only: how much a channel had cost before this client first used it. What a
 * request can cost beyond that is bounded by `maxPriceWei`, and everything by the payer's deposit.
 */
export class PayingClient {
  readonly #options: PayingClient.Options
  readonly #url: string
  readonly #channels = new Map<string, Channel>()

  constructor(options: PayingClient.Options) {
    this.#options = options
    this.#url = options.nodeUrl.replace(/\/+$/, '')
  }

  /** @throws client.node_refused, client.too_dear, client.receipt_invalid, client.overtaken, client.broken_off, client.unreachable */
  complete(
    body: { model: string; prompt: string } & PayingClient.Sampling,
    onText?: (text: string) => void,
  ): Promise<PayingClient.Answer> {
    return this.#ask('/v1/completions', body, onText)
  }

  /** @throws as `complete` */
  chat(
    body: { model: string; messages: { role: string; content: string }[] } & PayingClient.Sampling,
    onText?: (text: string) => void,
  ): Promise<PayingClient.Answer> {
    return this.#ask('/v1/chat/completions', body, onText)
  }

  /**
   * `fetch` that pays, for clients of the OpenAI API that take one: `new OpenAI({ baseURL, apiKey: '-', fetch: client.fetch })`.
   * Receipts come with the answers; checking them is left to the caller.
   */
  readonly fetch = async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const model = init?.method === 'POST' && typeof init.body === 'string' ? modelOf(init.body) : null
    if (model === null) return fetch(input, init)
    const send = (voucher: string | undefined) => {
      const headers = new Headers(init!.headers)
      if (voucher !== undefined) headers.set(VOUCHER_HEADER, voucher)
      return fetch(input, { ...init, headers })
    }
    return this.#agreeInTurn(model, send)
  }

  async #ask(path: string, body: { model: string }, onText = (_: string) => {}): Promise<PayingClient.Answer> {
    const response = await this.#agreeInTurn(body.model, (voucher) => this.#post(path, body, voucher))
    if (!response.ok) throw refusalOf(response.status, (await response.json()) as Refusal)
    return this.#checked(await readStream(response, onText))
  }

  /** Answers overlap, but vouchers are agreed on one after the other: each must go beyond the last. */
  #agreeInTurn(model: string, send: Send): Promise<Response> {
    const channel = this.#channels.get(model) ?? { lastWei: null, turn: Promise.resolve() }
    this.#channels.set(model, channel)
    const agreed = channel.turn.then(() => this.#agree(send, channel))
    channel.turn = agreed.then(
      () => undefined,
      () => undefined,
    )
    return agreed
  }

  /** Asks until the node takes the voucher; then the answer begins to come. What no voucher can mend is returned. */
  async #agree(send: Send, channel: Channel): Promise<Response> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      // The last voucher again buys nothing, but it proves who asks: the node says what is needed.
      const response = await send(channel.voucher)
      if (response.ok) return response
      const { error, requirements } = (await response.clone().json()) as Refusal
      if (requirements === undefined || error.code === 'escrow.insufficient') return response
      channel.voucher = await this.#voucher(requirements, channel)
    }
    throw new OpenLedgerError('client.overtaken', 'Other clients of this payer were faster, again and again.', {
      nextStep: 'Ask again, or give each client a payer of its own.',
      retryable: true,
    })
  }

  /** A voucher above all that this client signed before, as high as the node asks and no higher than the caller allows. */
  async #voucher(requirements: PaymentError.Requirements, channel: Channel): Promise<string> {
    const { domain, maxPriceWei, payer, signer } = this.#options
    const cumulativeWei = BigInt(requirements.cumulativeWei)
    const beyondWei = cumulativeWei - (channel.lastWei ?? BigInt(requirements.spentWei))
    if (maxPriceWei !== undefined && beyondWei > maxPriceWei) {
      throw new OpenLedgerError('client.too_dear', 'The node asks for more than this client may promise.', {
        facts: { neededWei: beyondWei, maxPriceWei },
        nextStep: 'Ask for fewer tokens, or raise `maxPriceWei`.',
      })
    }
    const signed = await signVoucher(signer, domain, {
      payer: (payer ?? (await signer.getAddress())).toLowerCase() as `0x${string}`,
      node: requirements.node as `0x${string}`,
      modelId: requirements.modelId as `0x${string}`,
      cumulativeWei: requirements.cumulativeWei,
      expiresAt: String(BigInt(requirements.expiresAt) + EXTRA_LIFETIME_S),
    })
    // Only what answers a voucher of ours speaks of our channel; the first requirements are anybody's.
    if (requirements.balanceWei !== null || channel.lastWei !== null) channel.lastWei = cumulativeWei
    return encodeVoucher(signed)
  }

  #post(path: string, body: object, voucher: string | undefined): Promise<Response> {
    return this.#fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(voucher !== undefined && { [VOUCHER_HEADER]: voucher }) },
      body: JSON.stringify({ ...body, stream: true, stream_options: { include_usage: true } }),
    })
  }

  async #fetch(path: string, init?: RequestInit): Promise<Response> {
    try {
      return await fetch(`${this.#url}${path}`, init)
    } catch (cause) {
      throw new OpenLedgerError('client.unreachable', 'The inference node does not answer.', {
        facts: { url: this.#url },
        nextStep: 'Check the address and that the node runs, then ask again.',
        retryable: true,
        cause,
      })
    }
  }

  /** The answer, once its receipt has proven to be the node's and to be about this text. */
  async #checked({ attribution, text, usage }: Streamed): Promise<PayingClient.Answer> {
    const found = await this.#fetch(`/v1/receipts/${attribution.receipt}`)
    if (!found.ok) throw refusalOf(found.status, (await found.json()) as Refusal)
    const { request, response, ...signed } = (await found.json()) as ReceiptReply
    const { domain } = this.#options
    const { receipt } = signed
    const checks: [what: string, holds: boolean][] = [
      [
        'receiptHash',
        receiptHash(domain, receipt) === signed.receiptHash && signed.receiptHash === attribution.receipt,
      ],
      ['signature', receiptSigner(domain, signed) === receipt.node],
      ['requestHash', jsonDigest(request) === receipt.requestHash],
      ['responseHash', jsonDigest(response) === receipt.responseHash],
      ['text', response.text === text],
      ['tokens', countsMatch(receipt, request, response)],
      ['priceWei', receipt.priceWei === attribution.priceWei],
    ]
    const failed = checks.filter(([, holds]) => !holds).map(([what]) => what)
    if (failed.length > 0) {
      throw new OpenLedgerError('client.receipt_invalid', 'The receipt does not prove this answer.', {
        facts: { receipt: attribution.receipt, node: receipt.node, failed: failed.join(', ') },
        nextStep: 'Do not use this node again, and keep the receipt.',
      })
    }
    return { text, usage, attribution, signed, request, response }
  }
}

function countsMatch(receipt: AnswerReceipt, request: RequestTranscript, response: ResponseTranscript): boolean {
  return (
    receipt.promptTokens === String(request.promptTokenIds.length) &&
    receipt.completionTokens === String(response.tokenIds.length)
  )
}

function refusalOf(status: number, { error, requirements }: Refusal): OpenLedgerError {
  return new OpenLedgerError('client.node_refused', error.message, {
    facts: { status, code: error.code, param: error.param, balanceWei: requirements?.balanceWei ?? null },
    nextStep: error.nextStep ?? 'Read the error of the node.',
    retryable: status === 429 || status === 503,
  })
}

/** Reads server-sent events to their end. */
async function readStream(response: Response, onText: (text: string) => void): Promise<Streamed> {
  let text = ''
  let usage: Usage | undefined
  let attribution: Attribution | undefined
  try {
    for await (const event of eventsOf(response)) {
      if (event.error !== undefined) throw refusalOf(response.status, event as Refusal)
      const piece = event.choices?.[0]?.delta?.content ?? event.choices?.[0]?.text ?? ''
      if (piece !== '') onText(piece)
      text += piece
      usage = event.usage ?? usage
      attribution = event.attribution ?? attribution
    }
  } catch (cause) {
    if (cause instanceof OpenLedgerError) throw cause
    throw brokenOff(text, cause)
  }
  if (usage === undefined || attribution === undefined) throw brokenOff(text)
  return { text, usage, attribution }
}

function brokenOff(text: string, cause?: unknown): OpenLedgerError {
  return new OpenLedgerError('client.broken_off', 'The node broke the answer off.', {
    facts: { receivedCharacters: text.length },
    nextStep: 'Ask again. If the answer was finished it is charged, although its end did not arrive.',
    retryable: true,
    cause,
  })
}

async function* eventsOf(response: Response): AsyncGenerator<StreamEvent> {
  let rest = ''
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop()!
    for (const line of lines) {
      if (line.startsWith('data: {')) yield JSON.parse(line.slice('data: '.length))
    }
  }
}

/** The model that a body names, with its adapter; null when it is no body of the API. */
function modelOf(body: string): string | null {
  try {
    const { adapter_id: adapter = '', model } = JSON.parse(body) as { model?: unknown; adapter_id?: unknown }
    return typeof model === 'string' ? `${model} ${adapter}`.trim() : null
  } catch {
    return null
  }
}

type Send = (voucher: string | undefined) => Promise<Response>
type Channel = {
  /** The highest that this client has signed and the node has seen; null before. */
  lastWei: bigint | null
  voucher?: string
  /** Ends when the voucher before is agreed on. */
  turn: Promise<void>
}
type Streamed = { text: string; usage: Usage; attribution: Attribution }
type StreamEvent = {
  choices?: { text?: string; delta?: { content?: string } }[]
  usage?: Usage
  attribution?: Attribution
  error?: Refusal['error']
}
type Refusal = {
  error: { message: string; code: string; param: string | null; nextStep?: string }
  requirements?: PaymentError.Requirements
}
type ReceiptReply = SignedReceipt & { request: RequestTranscript; response: ResponseTranscript }

export declare namespace PayingClient {
  type Options = {
    /** Signs vouchers: the payer's key, or a key that the payer allowed in the escrow. */
    signer: Signer
    /** Whose deposit pays, where the signer is not the payer. */
    payer?: string
    /** EIP-712 domain of the escrow (inferenceDomain of protocol). */
    domain: TypedDataDomain
    nodeUrl: string
    /** The most that may be promised beyond what was spent, in wei. */
    maxPriceWei?: bigint
  }
  /** Members of the OpenAI API. */
  type Sampling = {
    max_tokens?: number
    temperature?: number
    top_p?: number
    seed?: number
    stop?: string | string[]
    top_k?: number
    min_p?: number
    presence_penalty?: number
    frequency_penalty?: number
    repetition_penalty?: number
    logit_bias?: Record<string, number>
    /** A number for completions, true with `top_logprobs` for a chat; found in `response.logprobs`. */
    logprobs?: number | boolean
    top_logprobs?: number
    response_format?: ResponseFormat
  }
  type ResponseFormat =
    | { type: 'text' | 'json_object' }
    | { type: 'json_schema'; json_schema: { name: string; schema: object } }
  type Answer = {
    text: string
    usage: Usage
    attribution: Attribution
    signed: SignedReceipt
    request: RequestTranscript
    response: ResponseTranscript
  }
}
