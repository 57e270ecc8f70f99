/** The model's own opinion of a token: the logarithm of its probability before temperature, penalties and grammar. */
export type TokenLogprobs = {
  logprob: number
  /** The likeliest tokens, likeliest first; of several that tie, the lower ids. */
  top: [tokenId: number, logprob: number][]
}

/**
 * @param logits [vocab]
 * @param count  how many of the likeliest
 */
export function tokenLogprobs(logits: Float32Array, tokenId: number, count: number): TokenLogprobs {
  const best: number[] = []
  for (let token = 0; token < logits.length; token++) {
    const last = best.at(-1)
    if (best.length === count && (last === undefined || logits[token]! <= logits[last]!)) continue
    let place = best.length
    while (place > 0 && logits[best[place - 1]!]! < logits[token]!) place--
    best.splice(place, 0, token)
    if (best.length > count) best.pop()
  }
  const total = logSum(logits)
  const logprobOf = (token: number) => rounded(logits[token]! - total)
  return { logprob: logprobOf(tokenId), top: best.map((token) => [token, logprobOf(token)]) }
}

/**
 * Whether logprobs that a node gave are those of these logits, up to what another order of additions changes: each value,
 * and that no token left out is likelier than one that was named.
 */
export function areLogprobsOf(given: TokenLogprobs, logits: Float32Array, tokenId: number, count: number): boolean {
  const total = logSum(logits)
  const isClose = (token: number, logprob: number) => Math.abs(logits[token]! - total - logprob) <= TOLERANCE
  if (!isClose(tokenId, given.logprob) || given.top.length !== Math.min(count, logits.length)) return false
  if (!given.top.every(([token, logprob]) => token < logits.length && isClose(token, logprob))) return false
  const named = new Set(given.top.map(([token]) => token))
  if (named.size !== given.top.length) return false
  const least = Math.min(...given.top.map(([, logprob]) => logprob))
  return logits.every((logit, token) => named.has(token) || logit - total <= least + TOLERANCE)
}

const TOLERANCE = 2e-3
/** Six decimals: as many as mean something in float32. */
const SCALE = 1e6

function rounded(value: number): number {
  return Math.round(value * SCALE) / SCALE
}

/** ln Σ exp(logit) */
function logSum(logits: Float32Array): number {
  let top = Number.NEGATIVE_INFINITY
  for (const logit of logits) if (logit > top) top = logit
  let sum = 0
  for (const logit of logits) sum += Math.exp(logit - top)
  return top + Math.log(sum)
}
