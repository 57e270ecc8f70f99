/** How the next token is chosen. Members that are left out are neutral. All of it decides the answer, so all is replayed. */
export type Sampling = {
  /** 0 takes the likeliest token. */
  temperature: number
  /** Smallest set of likeliest tokens whose probability reaches this; 1 keeps all. */
  topP: number
  /** Non-negative safe integer. */
  seed: number
  /** Which of the answers to the same request: each has random numbers of its own. */
  choice?: number
  /** So many of the likeliest tokens, and those that tie with the last. */
  topK?: number
  /** Least probability, as a part of the likeliest token's. */
  minP?: number
  /** Taken off the logit of each token that the answer holds. */
  presencePenalty?: number
  /** Taken off the logit of a token for each time that the answer holds it. */
  frequencyPenalty?: number
  /** Divides a positive logit, multiplies a negative one, of each token in the prompt or the answer. */
  repetitionPenalty?: number
  /** Added to logits: [token, bias]. */
  logitBias?: readonly (readonly [tokenId: number, bias: number])[]
}
