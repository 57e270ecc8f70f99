import type { Answer } from './answer.ts'
import type { Sampling } from './sample-token.ts'

/** What the engine needs to know of a request. */
export type AnswerRequest = {
  /** At least one token; with `maxTokens` at most the model's context. */
  promptTokenIds: readonly number[]
  /** Names a loaded adapter; null is the base. */
  adapterKey: string | null
  maxTokens: number
  sampling: Sampling
  stop: readonly string[]
}

export type Generation = { tokenIds: number[]; text: string; finishReason: Answer.FinishReason }

/** What an audit found. `position` is the first token of the answer that the model would not have given. */
export type Replay =
  | { matches: true; tokens: number }
  | { matches: false; position: number; reason: 'token' | 'text' | 'finish'; expected: string; found: string }
