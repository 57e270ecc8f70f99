import type { RequestTranscript, ResponseTranscript } from '@openledger/protocol'
import type { Answer } from './answer.ts'
import type { TokenLogprobs } from './logprobs.ts'
import type { Sampling } from './sampling.ts'

/** What the engine needs to know of a request. */
export type AnswerRequest = {
  /** At least one token; with `maxTokens` at most the model's context. */
  promptTokenIds: readonly number[]
  /** Names a loaded adapter; null is the base. */
  adapterKey: string | null
  maxTokens: number
  sampling: Sampling
  stop: readonly string[]
  /** How many of the likeliest tokens to report at each place; left out, no probabilities are reported. */
  topLogprobs?: number
  /** JSON Schema, as JSON, that the text is held to. */
  jsonSchema?: string
}

export type Generation = {
  tokenIds: number[]
  text: string
  finishReason: Answer.FinishReason
  /** One for each token, where the request asks for them. */
  logprobs?: TokenLogprobs[]
}

/** The request that a transcript describes. */
export function answerRequestOf(transcript: RequestTranscript, adapterKey: string | null): AnswerRequest {
  const { maxTokens, promptTokenIds, seed, stop, temperature, topP } = transcript
  const { choice, frequencyPenalty, logitBias, minP, presencePenalty, repetitionPenalty, topK } = transcript
  const { jsonSchema, topLogprobs } = transcript
  const sampling = {
    ...{ temperature, topP, seed },
    ...present({ choice, topK, minP, presencePenalty, frequencyPenalty, repetitionPenalty, logitBias }),
  }
  return { promptTokenIds, adapterKey, maxTokens, stop, sampling, ...present({ topLogprobs, jsonSchema }) }
}

/** The generation that a transcript describes. */
export function generationOf({ finishReason, logprobs, text, tokenIds }: ResponseTranscript): Generation {
  return { tokenIds, text, finishReason, ...present({ logprobs }) }
}

/** Without the members that are undefined: what is absent is neutral, and JSON has no word for undefined. */
export function present<T extends object>(members: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const entries = Object.entries(members).filter(([, value]) => value !== undefined)
  return Object.fromEntries(entries) as { [K in keyof T]?: Exclude<T[K], undefined> }
}

/** What an audit found. `position` is the first token of the answer that the model would not have given. */
export type Replay =
  | { matches: true; tokens: number }
  | {
      matches: false
      position: number
      reason: 'token' | 'text' | 'finish' | 'logprobs'
      expected: string
      found: string
    }
