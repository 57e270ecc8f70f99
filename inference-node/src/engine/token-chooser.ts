import type { Constraint } from './constraint/constraint.ts'
import { type TokenLogprobs, tokenLogprobs } from './logprobs.ts'
import type { AnswerRequest } from './request.ts'
import { sampleToken } from './sample-token.ts'

/**
 * Chooses the tokens of one answer, one after the other. Serving and auditing go through this one class: the same logits
 * and the same tokens before give the same token.
 *
 * Logits are changed in this order, which is vLLM's: grammar, bias, repetition, frequency, presence; then `sampleToken`
 * takes temperature, min-p, top-k and top-p.
 */
export class TokenChooser {
  readonly #request: TokenChooser.Request
  readonly #constraint: Constraint | null
  /** Where the answer stands in the grammar. */
  #state: number
  /** How often the answer holds each token; null where nothing asks. */
  readonly #counts: Map<number, number> | null
  #index = 0

  /** @param constraint the grammar that the answer is held to */
  constructor(request: TokenChooser.Request, constraint: Constraint | null) {
    const { frequencyPenalty, presencePenalty, repetitionPenalty } = request.sampling
    this.#request = request
    this.#constraint = constraint
    this.#state = constraint?.start ?? 0
    const counts = frequencyPenalty !== undefined || presencePenalty !== undefined || repetitionPenalty !== undefined
    this.#counts = counts ? new Map() : null
  }

  /** @param logits [vocab] after the tokens that were pushed */
  choose(logits: Float32Array): number {
    return sampleToken(this.#adjusted(logits), this.#index, this.#request.sampling)
  }

  /** What the model thought of a token and of those it likes best; undefined when the request does not ask. */
  logprobs(logits: Float32Array, tokenId: number): TokenLogprobs | undefined {
    const { topLogprobs } = this.#request
    return topLogprobs === undefined ? undefined : tokenLogprobs(logits, tokenId, topLogprobs)
  }

  push(tokenId: number): void {
    this.#index++
    this.#counts?.set(tokenId, (this.#counts.get(tokenId) ?? 0) + 1)
    if (this.#constraint !== null) this.#state = this.#constraint.after(this.#state, tokenId)
  }

  #adjusted(logits: Float32Array): Float32Array {
    const { logitBias } = this.#request.sampling
    if (this.#constraint === null && logitBias === undefined && this.#counts === null) return logits
    const adjusted = logits.slice()
    if (this.#constraint !== null) {
      const allowed = this.#constraint.allowed(this.#state)
      for (let token = 0; token < adjusted.length; token++) {
        if (allowed[token] !== 1) adjusted[token] = Number.NEGATIVE_INFINITY
      }
    }
    for (const [token, bias] of logitBias ?? []) if (token < adjusted.length) adjusted[token]! += bias
    if (this.#counts !== null) this.#penalise(adjusted, this.#counts)
    return adjusted
  }

  #penalise(logits: Float32Array, counts: ReadonlyMap<number, number>): void {
    const { promptTokenIds, sampling } = this.#request
    const { frequencyPenalty = 0, presencePenalty = 0, repetitionPenalty = 1 } = sampling
    if (repetitionPenalty !== 1) {
      for (const token of new Set([...promptTokenIds, ...counts.keys()])) {
        const logit = logits[token]!
        logits[token] = logit > 0 ? logit / repetitionPenalty : logit * repetitionPenalty
      }
    }
    for (const [token, count] of counts) logits[token]! -= count * frequencyPenalty + presencePenalty
  }
}

export declare namespace TokenChooser {
  type Request = Pick<AnswerRequest, 'promptTokenIds' | 'sampling' | 'topLogprobs'>
}
