/**
 * From evidence to money: the last step that knows influence, the first that knows wei.
 *
 *   pay[c] = pool · u[c] / sum(u)      u[c] = max(mean - 2 standard errors, 0) of cluster c, an integer
 *
 * Clusters whose influence is not positive beyond its uncertainty get nothing; when no cluster's is, the pool goes to the
 * reserve, for paying noise would only reward whoever makes most of it. The leverage of a record is capped where its score
 * is computed (influence/score.ts), so that scores, utilities and shares tell one story.
 */
import { largestRemainder } from '@openledger/commitment'
import type { InfluenceEvidence } from '@openledger/protocol'

export type Share = { account: `0x${string}`; canonical: `0x${string}`; amountWei: bigint }

/**
 * @param poolWei   the answer's contributor pool, >= 0
 * @param influence of each cluster, at most one entry for each
 * @returns shares ascending by cluster, those of zero left out; sum of the shares + `reserveWei` = `poolWei`
 * @throws split.malformed when a cluster stands twice: it would earn twice
 */
export function shareOut(
  poolWei: bigint,
  influence: readonly Pick<InfluenceEvidence, 'canonical' | 'contributor' | 'utility'>[],
): { shares: Share[]; reserveWei: bigint } {
  const clusters = [...influence].sort((a, b) => (a.canonical < b.canonical ? -1 : a.canonical > b.canonical ? 1 : 0))
  const utilities = clusters.map(({ utility }) => BigInt(utility))
  if (utilities.every((utility) => utility === 0n)) return { shares: [], reserveWei: poolWei }
  const amounts = largestRemainder(
    poolWei,
    utilities,
    clusters.map(({ canonical }) => canonical),
  )
  const shares = clusters
    .map(({ contributor, canonical }, index) => ({ account: contributor, canonical, amountWei: amounts[index]! }))
    .filter(({ amountWei }) => amountWei > 0n)
  return { shares, reserveWei: 0n }
}
