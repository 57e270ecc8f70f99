/** What clients send, as OpenAI's clients spell it. What would change the answer and is not done here is refused. */
import type { RequestTranscript } from '@openledger/protocol'
import { z } from 'zod'
import { ANY_OBJECT, jsonSchemaGrammar } from '../engine/constraint/json-schema.ts'
import { present } from '../engine/request.ts'
import { RequestError } from '../error.ts'
import { type ChatMessage, chatPrompt } from './chat-prompt.ts'

/** What a request may set about how its answer is chosen, as transcripts spell it. */
export type Decoding = Pick<
  RequestTranscript,
  | 'topK'
  | 'minP'
  | 'presencePenalty'
  | 'frequencyPenalty'
  | 'repetitionPenalty'
  | 'logitBias'
  | 'topLogprobs'
  | 'jsonSchema'
>

/** A request for answers to one prompt, whatever the endpoint. */
export type Order = {
  model: string
  prompt: string
  /** How many answers. */
  choices: number
  maxTokens: number | null
  temperature: number
  topP: number
  seed: number | null
  stop: string[]
  decoding: Decoding
  stream: boolean
  /** Whether a stream ends with its token counts. */
  includeUsage: boolean
}

/** A request for embeddings. */
export type EmbeddingOrder = {
  model: string
  texts: string[]
  encoding: 'float' | 'base64'
}

/** Texts of one request for embeddings at most. */
const MAX_TEXTS = 64
/** Answers to one request at most. */
const MAX_CHOICES = 16
/** Likeliest tokens that are named at most, in a chat and in a completion: as many as OpenAI names. */
const MAX_CHAT_LOGPROBS = 20
const MAX_LOGPROBS = 5
const MAX_BIASED = 300

const text = z.string().refine((value) => value.isWellFormed(), 'must be well-formed Unicode')
const tokens = z.int().min(1).max(1_000_000)
/** OpenAI's clients may send null for what they leave open. */
const optional = <T extends z.ZodType>(schema: T) => schema.nullish().transform((value) => value ?? null)

const penalty = z.number().min(-2).max(2)

const common = {
  model: optional(z.string().max(300)),
  /** LoRAX's name for the adapter; `model` is its base then, or empty. */
  adapter_id: optional(z.string().min(1).max(300)),
  max_tokens: optional(tokens),
  temperature: optional(z.number().min(0).max(2)),
  top_p: optional(z.number().gt(0).max(1)),
  seed: optional(z.int().min(0).max(Number.MAX_SAFE_INTEGER)),
  n: optional(z.int().min(1).max(MAX_CHOICES)),
  /** vLLM's: 0 and -1 are off. */
  top_k: optional(z.int().min(-1).max(1_000_000)),
  min_p: optional(z.number().min(0).max(1)),
  presence_penalty: optional(penalty),
  frequency_penalty: optional(penalty),
  repetition_penalty: optional(z.number().min(0.1).max(10)),
  logit_bias: optional(
    z
      .record(z.string().regex(/^\d{1,9}$/, 'must be the id of a token'), z.number().min(-100).max(100))
      .refine((biases) => Object.keys(biases).length <= MAX_BIASED, `biases at most ${MAX_BIASED} tokens`),
  ),
  response_format: optional(
    z.discriminatedUnion('type', [
      z.object({ type: z.literal('text') }),
      z.object({ type: z.literal('json_object') }),
      z.object({ type: z.literal('json_schema'), json_schema: z.object({ schema: z.unknown() }) }),
    ]),
  ),
  stop: optional(z.union([text.min(1).max(200), z.array(text.min(1).max(200)).max(4)])),
  stream: optional(z.boolean()),
  stream_options: optional(z.object({ include_usage: optional(z.boolean()) })),
}

const CompletionBody = z.object({
  ...common,
  logprobs: optional(z.int().min(0).max(MAX_LOGPROBS)),
  prompt: z.union([text, z.array(text).length(1)]),
})

const part = z.object({ type: z.literal('text'), text })
const ChatBody = z.object({
  ...common,
  max_completion_tokens: optional(tokens),
  logprobs: optional(z.boolean()),
  top_logprobs: optional(z.int().min(0).max(MAX_CHAT_LOGPROBS)),
  messages: z
    .array(z.object({ role: z.string().max(40), content: z.union([text, z.array(part)]) }))
    .min(1)
    .max(500),
})

const EmbeddingBody = z.object({
  model: common.model,
  adapter_id: common.adapter_id,
  input: z.union([text.min(1), z.array(text.min(1)).min(1).max(MAX_TEXTS)]),
  encoding_format: optional(z.enum(['float', 'base64'])),
})

/** Members that change what comes back, with the values that ask for nothing. */
const NOT_DONE: Record<string, readonly unknown[]> = {
  best_of: [1],
  echo: [false],
  suffix: [''],
  tools: [],
  tool_choice: ['none', 'auto'],
  functions: [],
  function_call: ['none', 'auto'],
  modalities: [],
  audio: [],
  dimensions: [],
  min_tokens: [0],
  stop_token_ids: [],
  use_beam_search: [false],
  structured_outputs: [],
  guided_json: [],
}

export function readCompletion(body: unknown): Order {
  const parsed = read(CompletionBody, body)
  const prompt = typeof parsed.prompt === 'string' ? parsed.prompt : parsed.prompt[0]!
  return { ...orderOf(parsed, parsed.logprobs), prompt }
}

/** @param template of the model's chat */
export function readChat(body: unknown, template: string | undefined): Order {
  const parsed = read(ChatBody, body)
  const messages: ChatMessage[] = parsed.messages.map(({ content, role }) => ({
    role,
    content: typeof content === 'string' ? content : content.map((one) => one.text).join(''),
  }))
  if (parsed.top_logprobs !== null && parsed.logprobs !== true) {
    throw invalid('top_logprobs', 'asks for nothing unless `logprobs` is true')
  }
  const order = orderOf(parsed, parsed.logprobs === true ? (parsed.top_logprobs ?? 0) : null)
  return {
    ...order,
    maxTokens: parsed.max_completion_tokens ?? order.maxTokens,
    prompt: chatPrompt(messages, template),
  }
}

export function readEmbedding(body: unknown): EmbeddingOrder {
  const parsed = read(EmbeddingBody, body)
  return { model: modelOf(parsed), texts: [parsed.input].flat(), encoding: parsed.encoding_format ?? 'float' }
}

type Common = z.infer<z.ZodObject<typeof common>>

function orderOf(body: Common, topLogprobs: number | null): Omit<Order, 'prompt'> {
  return {
    model: modelOf(body),
    choices: body.n ?? 1,
    maxTokens: body.max_tokens,
    temperature: body.temperature ?? 1,
    topP: body.top_p ?? 1,
    seed: body.seed,
    stop: body.stop === null ? [] : [body.stop].flat(),
    decoding: present({
      topK: body.top_k !== null && body.top_k > 0 ? body.top_k : undefined,
      minP: body.min_p || undefined,
      presencePenalty: body.presence_penalty || undefined,
      frequencyPenalty: body.frequency_penalty || undefined,
      repetitionPenalty: body.repetition_penalty === 1 ? undefined : (body.repetition_penalty ?? undefined),
      logitBias: biasesOf(body.logit_bias),
      topLogprobs: topLogprobs ?? undefined,
      jsonSchema: schemaOf(body.response_format),
    }),
    stream: body.stream ?? false,
    includeUsage: body.stream_options?.include_usage ?? false,
  }
}

/** `base:adapter`, where LoRAX's clients name the two apart. */
function modelOf({ adapter_id: adapter, model }: Pick<Common, 'adapter_id' | 'model'>): string {
  const named = [model, adapter].filter((name) => name !== null && name !== '')
  if (named.length === 0) throw invalid('model', 'is missing')
  return named.join(':')
}

function biasesOf(biases: Record<string, number> | null): [tokenId: number, bias: number][] | undefined {
  const given = Object.entries(biases ?? {}).map(([token, bias]): [number, number] => [Number(token), bias])
  return given.length === 0 ? undefined : given.sort(([a], [b]) => a - b)
}

function schemaOf(format: Common['response_format']): string | undefined {
  if (format === null || format.type === 'text') return undefined
  if (format.type === 'json_object') return ANY_OBJECT
  const schema = JSON.stringify(format.json_schema.schema)
  if (schema === undefined) throw invalid('response_format.json_schema.schema', 'is missing')
  jsonSchemaGrammar(schema)
  return schema
}

function invalid(param: string, fault: string): RequestError {
  return new RequestError('request.invalid', `${param || 'The body'}: ${fault}`, {
    status: 400,
    param: param || null,
    nextStep: 'Correct the named member; the forms are those of the OpenAI API.',
  })
}

function read<T extends z.ZodType>(schema: T, body: unknown): z.infer<T> {
  const result = schema.safeParse(body)
  if (!result.success) {
    const issue = result.error.issues[0]!
    throw invalid(issue.path.join('.').slice(0, 100), issue.message.slice(0, 300))
  }
  for (const [member, harmless] of Object.entries(NOT_DONE)) {
    const value = (body as Record<string, unknown>)[member]
    const asksNothing = value === undefined || value === null || (Array.isArray(value) && value.length === 0)
    if (asksNothing || harmless.includes(value)) continue
    throw new RequestError('request.unsupported', `${member}: this node does not do that.`, {
      status: 400,
      param: member,
      nextStep: `Leave \`${member}\` out.`,
    })
  }
  return result.data
}
