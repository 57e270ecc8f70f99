/**
 * The linear datamodelling score: how well scores predict what retraining on a part of the records does.
 *
 *   LDS = mean over targets of Spearman( Σ over i in S of score[t, i] , −loss of t after training on S )   over subsets S
 *
 * @see Park et al. 2023, arXiv:2303.14186, definition 2.4
 */

/**
 * @param scores  [targets, records]
 * @param subsets [subsets][records of it]
 * @param losses  [subsets][targets]
 * @returns       one correlation for each target
 */
export function ldsByTarget(
  scores: ArrayLike<number>,
  subsets: readonly (readonly number[])[],
  losses: readonly (readonly number[])[],
): number[] {
  const targets = losses[0]!.length
  const records = scores.length / targets
  return Array.from({ length: targets }, (_, target) => {
    const predicted = subsets.map((subset) => subset.reduce((sum, i) => sum + scores[target * records + i]!, 0))
    return spearman(
      predicted,
      losses.map((row) => -row[target]!),
    )
  })
}

export function lds(...about: Parameters<typeof ldsByTarget>): number {
  return mean(ldsByTarget(...about))
}

export function spearman(a: readonly number[], b: readonly number[]): number {
  return pearson(ranks(a), ranks(b))
}

export function pearson(a: readonly number[], b: readonly number[]): number {
  const [meanA, meanB] = [mean(a), mean(b)]
  let [both, squaresA, squaresB] = [0, 0, 0]
  a.forEach((value, i) => {
    both += (value - meanA) * (b[i]! - meanB)
    squaresA += (value - meanA) ** 2
    squaresB += (b[i]! - meanB) ** 2
  })
  return squaresA === 0 || squaresB === 0 ? 0 : both / Math.sqrt(squaresA * squaresB)
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** Ties share their mean rank. */
function ranks(values: readonly number[]): number[] {
  const order = values.map((_, i) => i).sort((a, b) => values[a]! - values[b]!)
  const out = new Array<number>(values.length)
  for (let start = 0; start < order.length; ) {
    let end = start
    while (end < order.length && values[order[end]!] === values[order[start]!]) end++
    for (let at = start; at < end; at++) out[order[at]!] = (start + end - 1) / 2
    start = end
  }
  return out
}
