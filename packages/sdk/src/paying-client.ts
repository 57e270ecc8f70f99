/**
 * A client that pays: it signs a cumulative voucher for each request, answers a 402 with the voucher that is asked for,
 * and believes no answer before it has checked the node's receipt. Requests go through the official `openai` client.
 */
import {
  type Attribution,
  encodeVoucher,
  OpenLedgerError,
  type PaymentRequirements,
  type RequestTranscript,
  type ResponseTranscript,
  type SignedReceipt,
  signVoucher,
  VOUCHER_HEADER,
} from '@openledger/protocol'
import type { Signer, TypedDataDomain } from 'ethers'
import OpenAI from 'openai'
import { failedChecks } from './check-receipt.ts'

/** Vouchers are made to live so much longer than the node asks for. */
const EXTRA_LIFETIME_S = 3600n
/** A voucher may be overtaken by another client of the same payer; each time the node says what it needs now. */
const ATTEMPTS = 5

/**
 * A node's word is taken for one thing only: how much a channel had cost before this client first used it. What a
 * request can cost beyond that is bounded by `maxPriceWei`, and everything by the payer's deposit.
 */
export class PayingClient {
  /** The official client on this node, paying for what is asked through it. Receipts are left to the caller. */
  readonly openai: OpenAI
  readonly #options: PayingClient.Options
  readonly #url: string
  readonly #channels = new Map<string, Channel>()

  constructor(options: PayingClient.Options) {
    this.#options = options
    this.#url = options.nodeUrl.replace(/\/+$/, '')
    this.openai = new OpenAI({
      baseURL: `${this.#url}/v1`,
      apiKey: 'paid-by-voucher',
      // A retry could pay twice: whether to ask again is the caller's to decide.
      maxRetries: 0,
      fetch: this.fetch,
      // The key above is no secret; vouchers are signed by the payer's wallet, wherever that is.
      dangerouslyAllowBrowser: true,
    })
  }

  /** `fetch` that pays, for other clients of the OpenAI API that take one. */
  readonly fetch = async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const model = init?.method?.toUpperCase() === 'POST' && typeof init.body === 'string' ? modelOf(init.body) : null
    if (model === null) return fetch(input, init)
    return this.#agreeInTurn(model, (voucher) => {
      const headers = new Headers(init!.headers)
      if (voucher !== undefined) headers.set(VOUCHER_HEADER, voucher)
      return fetch(input, { ...init, headers })
    })
  }

  /** @throws client.node_refused, client.too_dear, client.receipt_invalid, client.overtaken, client.broken_off, client.unreachable */
  complete(
    body: { model: string; prompt: string } & PayingClient.Sampling,
    onText?: (text: string) => void,
  ): Promise<PayingClient.Answer> {
    return this.#streamed(() => this.openai.completions.create(streaming<CompletionBody>(body)), onText)
  }

  /** @throws as `complete` */
  chat(
    body: { model: string; messages: OpenAI.ChatCompletionMessageParam[] } & PayingClient.Sampling,
    onText?: (text: string) => void,
  ): Promise<PayingClient.Answer> {
    return this.#streamed(() => this.openai.chat.completions.create(streaming<ChatBody>(body)), onText)
  }

  async #streamed(ask: () => Promise<AsyncIterable<object>>, onText = (_: string) => {}): Promise<PayingClient.Answer> {
    let text = ''
    let usage: OpenAI.CompletionUsage | undefined
    let attribution: Attribution | undefined
    const chunks = await ask().catch((error) => {
      throw this.#refusal(error)
    })
    try {
      for await (const chunk of chunks as AsyncIterable<Chunk>) {
        const piece = chunk.choices?.[0]?.delta?.content ?? chunk.choices?.[0]?.text ?? ''
        if (piece !== '') onText(piece)
        text += piece
        usage = chunk.usage ?? usage
        attribution = chunk.attribution ?? attribution
      }
    } catch (cause) {
      throw cause instanceof OpenAI.APIError && cause.error !== undefined
        ? this.#refusal(cause)
        : brokenOff(text, cause)
    }
    if (usage === undefined || attribution === undefined) throw brokenOff(text)
    return this.#checked({ text, usage, attribution })
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
      if (response.status !== 402) return response
      const { error, requirements } = (await response.clone().json()) as Refusal
      if (requirements === undefined) return response
      if (error.code === 'escrow.insufficient') return withBalance(response, error, requirements)
      channel.voucher = await this.#voucher(requirements, channel)
    }
    throw new OpenLedgerError('client.overtaken', 'Other clients of this payer were faster, again and again.', {
      nextStep: 'Ask again, or give each client a payer of its own.',
      retryable: true,
    })
  }

  /** A voucher above all that this client signed before, as high as the node asks and no higher than the caller allows. */
  async #voucher(requirements: PaymentRequirements, channel: Channel): Promise<string> {
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

  /** The answer, once its receipt has proven to be the node's and to be about this text. */
  async #checked({ attribution, text, usage }: Streamed): Promise<PayingClient.Answer> {
    const reply = await this.#receipt(attribution.receipt)
    const { request, response, ...signed } = reply
    const failed = failedChecks(this.#options.domain, reply, { text, attribution })
    if (failed.length > 0) {
      throw new OpenLedgerError('client.receipt_invalid', 'The receipt does not prove this answer.', {
        facts: { receipt: attribution.receipt, node: signed.receipt.node, failed: failed.join(', ') },
        nextStep: 'Do not use this node again, and keep the receipt.',
      })
    }
    return { text, usage, attribution, signed, request, response }
  }

  async #receipt(hash: string): Promise<ReceiptReply> {
    try {
      const response = await fetch(`${this.#url}/v1/receipts/${hash}`)
      const body = (await response.json()) as ReceiptReply & Refusal
      if (response.ok) return body
      throw OpenAI.APIError.generate(response.status, body, undefined, response.headers)
    } catch (error) {
      throw this.#refusal(error)
    }
  }

  /** What the official client throws, in our words. */
  #refusal(error: unknown): OpenLedgerError {
    const cause = error instanceof OpenAI.APIConnectionError ? error.cause : error
    if (cause instanceof OpenLedgerError) return cause
    if (error instanceof OpenAI.APIError && error.error !== undefined) return refusalOf(error)
    return new OpenLedgerError('client.unreachable', 'The inference node does not answer.', {
      facts: { url: this.#url },
      nextStep: 'Check the address and that the node runs, then ask again.',
      retryable: true,
      cause: error,
    })
  }
}

function refusalOf(error: InstanceType<typeof OpenAI.APIError>): OpenLedgerError {
  const body = error.error as Partial<Refusal['error']>
  const status = error.status ?? 200
  return new OpenLedgerError('client.node_refused', body.message ?? error.message, {
    facts: { status, code: body.code ?? null, param: body.param ?? null, balanceWei: body.balanceWei ?? null },
    nextStep: body.nextStep ?? 'Read the error of the node.',
    retryable: status === 429 || status === 503,
    cause: error,
  })
}

/** The official client keeps of a refusal its `error` alone: what the payer has must stand in there. */
function withBalance(response: Response, error: Refusal['error'], requirements: PaymentRequirements): Response {
  const { balanceWei } = requirements
  const { headers, status } = response
  return new Response(JSON.stringify({ error: { ...error, balanceWei }, requirements }), {
    status,
    headers: { 'content-type': headers.get('content-type') ?? 'application/json' },
  })
}

function brokenOff(text: string, cause?: unknown): OpenLedgerError {
  return new OpenLedgerError('client.broken_off', 'The node broke the answer off.', {
    facts: { receivedCharacters: text.length },
    nextStep: 'Ask again. If the answer was finished it is charged, although its end did not arrive.',
    retryable: true,
    cause,
  })
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

/** The body as the official client's types know it: they lack what nodes take beyond the OpenAI API. */
function streaming<Body>(body: object): Body {
  return { ...body, stream: true, stream_options: { include_usage: true } } as Body
}

type CompletionBody = OpenAI.CompletionCreateParamsStreaming
type ChatBody = OpenAI.ChatCompletionCreateParamsStreaming
type Send = (voucher: string | undefined) => Promise<Response>
type Channel = {
  /** The highest that this client has signed and the node has seen; null before. */
  lastWei: bigint | null
  voucher?: string
  /** Ends when the voucher before is agreed on. */
  turn: Promise<void>
}
type Streamed = { text: string; usage: OpenAI.CompletionUsage; attribution: Attribution }
type Chunk = {
  choices?: { text?: string; delta?: { content?: string | null } }[]
  usage?: OpenAI.CompletionUsage | null
  attribution?: Attribution
}
type Refusal = {
  error: { message: string; code: string; param: string | null; nextStep?: string; balanceWei?: string | null }
  requirements?: PaymentRequirements
}
/** A receipt as a node gives it, with the transcripts that it hashes. */
export type ReceiptReply = SignedReceipt & { request: RequestTranscript; response: ResponseTranscript }

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
  /** Members of the OpenAI API and of vLLM's that nodes take. */
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
    usage: OpenAI.CompletionUsage
    attribution: Attribution
    signed: SignedReceipt
    request: RequestTranscript
    response: ResponseTranscript
  }
}
