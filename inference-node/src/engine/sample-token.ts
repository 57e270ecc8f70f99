import { RandomStream } from './random-stream.ts'
import type { Sampling } from './sampling.ts'

/**
 * Chooses the next token by the Gumbel-max trick among the candidates that min-p, top-k and top-p leave:
 *
 *   argmax over v of  logits[v] / temperature - ln(-ln u[index, v]),   u uniform in (0, 1)
 *
 * That is a draw from the softmax. It is preferred to inverting the cumulative distribution because a change of the
 * logits in their last bit changes the outcome only when two candidates nearly tie, not whenever any of the thousands
 * of cumulative sums shifts past the drawn number: a verifier on slightly different arithmetic still finds the token.
 *
 * @param logits [vocab]
 * @param index  place of the token in the answer, from 0
 * @returns the token id; the lowest of several that tie
 * @see Gumbel 1954; Holtzman et al. 2020, arXiv:1904.09751 (nucleus)
 */
export function sampleToken(logits: Float32Array, index: number, sampling: Sampling): number {
  if (sampling.temperature === 0) return argmax(logits)
  const floor = candidateFloor(logits, sampling)
  const noise = new RandomStream(sampling.seed, sampling.choice)
  let best = -1
  let bestScore = Number.NEGATIVE_INFINITY
  for (let token = 0; token < logits.length; token++) {
    const logit = logits[token]!
    if (logit < floor) continue
    const score = logit / sampling.temperature - Math.log(-Math.log(noise.at(index, token)))
    if (score > bestScore) {
      bestScore = score
      best = token
    }
  }
  return best
}

/** The lowest logit that min-p, top-k and, of what these leave, top-p let through. */
function candidateFloor(logits: Float32Array, sampling: Sampling): number {
  const { minP, temperature, topK, topP } = sampling
  let floor = Number.NEGATIVE_INFINITY
  if (minP !== undefined) floor = logits[argmax(logits)]! + Math.log(minP) * temperature
  if (topK !== undefined && topK < logits.length) floor = Math.max(floor, nthLargest(logits, topK))
  if (topP === 1) return floor
  const left = floor === Number.NEGATIVE_INFINITY ? logits : logits.filter((logit) => logit >= floor)
  return Math.max(floor, nucleusFloor(left, sampling))
}

/** The n-th largest value, from 1, by Hoare's selection: linear in the vocabulary, where sorting is not. */
function nthLargest(values: Float32Array, n: number): number {
  const left = values.slice()
  let [low, high] = [0, left.length - 1]
  const wanted = n - 1
  while (low < high) {
    const pivot = left[(low + high) >>> 1]!
    let [i, j] = [low, high]
    while (i <= j) {
      while (left[i]! > pivot) i++
      while (left[j]! < pivot) j--
      if (i > j) break
      const kept = left[i]!
      left[i++] = left[j]!
      left[j--] = kept
    }
    if (wanted <= j) high = j
    else if (wanted >= i) low = i
    else break
  }
  return left[wanted]!
}

function argmax(logits: Float32Array): number {
  let best = 0
  for (let token = 1; token < logits.length; token++) if (logits[token]! > logits[best]!) best = token
  return best
}

/**
 * The logit of the least likely token in the nucleus. Equal logits are in or out together, so their order is nothing.
 *
 * Only a few tokens are sorted: all tokens together whose weight is below (1 - topP) / vocab of the total hold less than
 * 1 - topP of it, so the nucleus is complete before the first of them. Half of that leaves room for rounding.
 */
export function nucleusFloor(logits: Float32Array, { temperature, topP }: Sampling): number {
  const top = logits[argmax(logits)]!
  const weightOf = (logit: number) => Math.exp((logit - top) / temperature)
  let total = 0
  for (const logit of logits) total += weightOf(logit)
  const leastWeight = (0.5 * (1 - topP) * total) / logits.length
  const leastLogit = top + Math.log(leastWeight) * temperature
  const descending = logits.filter((logit) => logit >= leastLogit).sort()
  let reached = 0
  for (let rank = descending.length - 1; rank >= 0; rank--) {
    reached += weightOf(descending[rank]!)
    if (reached >= topP * total) return descending[rank]!
  }
  return Number.NEGATIVE_INFINITY
}
