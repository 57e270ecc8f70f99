/** What clients send, as OpenAI's clients spell it. What would change the answer and is not done here is refused. */
import { z } from 'zod'
import { RequestError } from '../error.ts'
import { type ChatMessage, chatPrompt } from './chat-prompt.ts'

/** A request for one answer, whatever the endpoint. */
export type Order = {
  model: string
  prompt: string
  maxTokens: number | null
  temperature: number
  topP: number
  seed: number | null
  stop: string[]
  stream: boolean
  /** Whether a stream ends with its token counts. */
  includeUsage: boolean
}

const text = z.string().refine((value) => value.isWellFormed(), 'must be well-formed Unicode')
const tokens = z.int().min(1).max(1_000_000)
/** OpenAI's clients may send null for what they leave open. */
const optional = <T extends z.ZodType>(schema: T) => schema.nullish().transform((value) => value ?? null)

const common = {
  model: z.string().min(1).max(300),
  max_tokens: optional(tokens),
  temperature: optional(z.number().min(0).max(2)),
  top_p: optional(z.number().gt(0).max(1)),
  seed: optional(z.int().min(0).max(Number.MAX_SAFE_INTEGER)),
  stop: optional(z.union([text.min(1).max(200), z.array(text.min(1).max(200)).max(4)])),
  stream: optional(z.boolean()),
  stream_options: optional(z.object({ include_usage: optional(z.boolean()) })),
}

const CompletionBody = z.object({ ...common, prompt: z.union([text, z.array(text).length(1)]) })

const part = z.object({ type: z.literal('text'), text })
const ChatBody = z.object({
  ...common,
  max_completion_tokens: optional(tokens),
  messages: z
    .array(z.object({ role: z.string().max(40), content: z.union([text, z.array(part)]) }))
    .min(1)
    .max(500),
})

/** Members that change what comes back, with the values that ask for nothing. */
const NOT_DONE: Record<string, readonly unknown[]> = {
  n: [1],
  best_of: [1],
  echo: [false],
  suffix: [''],
  logprobs: [false, 0],
  top_logprobs: [0],
  presence_penalty: [0],
  frequency_penalty: [0],
  tools: [],
  tool_choice: ['none', 'auto'],
  functions: [],
}

export function readCompletion(body: unknown): Order {
  const parsed = read(CompletionBody, body)
  return { ...orderOf(parsed), prompt: typeof parsed.prompt === 'string' ? parsed.prompt : parsed.prompt[0]! }
}

/** @param template of the model's chat */
export function readChat(body: unknown, template: string | undefined): Order {
  const parsed = read(ChatBody, body)
  const messages: ChatMessage[] = parsed.messages.map(({ content, role }) => ({
    role,
    content: typeof content === 'string' ? content : content.map((one) => one.text).join(''),
  }))
  const order = orderOf(parsed)
  return {
    ...order,
    maxTokens: parsed.max_completion_tokens ?? order.maxTokens,
    prompt: chatPrompt(messages, template),
  }
}

type Common = z.infer<z.ZodObject<typeof common>>

function orderOf(body: Common): Omit<Order, 'prompt'> {
  return {
    model: body.model,
    maxTokens: body.max_tokens,
    temperature: body.temperature ?? 1,
    topP: body.top_p ?? 1,
    seed: body.seed,
    stop: body.stop === null ? [] : [body.stop].flat(),
    stream: body.stream ?? false,
    includeUsage: body.stream_options?.include_usage ?? false,
  }
}

function read<T extends z.ZodType>(schema: T, body: unknown): z.infer<T> {
  const result = schema.safeParse(body)
  if (!result.success) {
    const issue = result.error.issues[0]!
    const param = issue.path.join('.') || null
    throw new RequestError('request.invalid', `${param ?? 'The body'}: ${issue.message}`, {
      status: 400,
      param,
      nextStep: 'Correct the named member; the forms are those of the OpenAI API.',
    })
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
