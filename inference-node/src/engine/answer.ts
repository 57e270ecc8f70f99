/**
 * An answer while it grows: its tokens, its text, and the rule by which it ends. Serving and auditing push the same
 * tokens through this one class, so an auditor ends an answer exactly where an honest node does.
 *
 * Ends with `stop` at an end-of-text token or when a stop string appears (which is cut off the text, though its tokens
 * stay in `tokenIds`: they were computed and are checked), with `length` at `maxTokens`, with `cancelled` when told to.
 */
export class Answer {
  readonly tokenIds: number[] = []
  readonly #limits: Answer.Limits
  /** All text that the tokens give, whole characters only while the answer is open. */
  #text = ''
  /** How much of `#text` was handed out. */
  #emitted = 0
  #finishReason: Answer.FinishReason | undefined

  constructor(limits: Answer.Limits) {
    this.#limits = limits
  }

  get text(): string {
    return this.#text
  }

  get finishReason(): Answer.FinishReason | undefined {
    return this.#finishReason
  }

  /** Ends the answer where it stands: nobody waits for more. */
  cancel(): void {
    this.#finishReason ??= 'cancelled'
  }

  /** Adds a token and returns the text that can now be shown: what no later token can change or turn into a stop string. */
  push(tokenId: number): string {
    this.tokenIds.push(tokenId)
    const { decode, endIds, maxTokens, stop } = this.#limits
    const ended = endIds.includes(tokenId)
    const full = decode(ended ? this.tokenIds.slice(0, -1) : this.tokenIds)
    // A character of several bytes may be cut by the end of a token; until the rest comes it reads as U+FFFD.
    const isLast = ended || this.tokenIds.length === maxTokens
    this.#text = isLast ? full : full.replace(/\uFFFD+$/, '')

    const stopAt = earliest(this.#text, stop, this.#emitted)
    if (stopAt !== -1) {
      this.#text = this.#text.slice(0, stopAt)
      this.#finishReason = 'stop'
    } else if (isLast) {
      this.#finishReason = ended ? 'stop' : 'length'
    }
    const safe = this.#finishReason === undefined ? this.#text.length - heldBack(this.#text, stop) : this.#text.length
    const shown = this.#text.slice(this.#emitted, safe)
    this.#emitted = Math.max(this.#emitted, safe)
    return shown
  }
}

export declare namespace Answer {
  type FinishReason = 'stop' | 'length' | 'cancelled'
  type Limits = {
    decode(tokenIds: readonly number[]): string
    /** Tokens that end a text. */
    endIds: readonly number[]
    maxTokens: number
    stop: readonly string[]
  }
}

function earliest(text: string, stop: readonly string[], from: number): number {
  const places = stop.map((word) => text.indexOf(word, from)).filter((place) => place !== -1)
  return places.length === 0 ? -1 : Math.min(...places)
}

/** Length of the longest end of `text` with which a stop string begins. */
function heldBack(text: string, stop: readonly string[]): number {
  let longest = 0
  for (const word of stop) {
    for (let length = Math.min(word.length - 1, text.length); length > longest; length--) {
      if (text.endsWith(word.slice(0, length))) longest = length
    }
  }
  return longest
}
