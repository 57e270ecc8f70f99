/**
 * Gini coefficient of amounts, 0 (all alike) to 1 (one has all), in parts per million; null when nothing was earned.
 *
 *   G = Σᵢ (2i − n − 1) xᵢ / (n Σ xᵢ),  x ascending, i = 1 … n
 */
export function giniPpm(amounts: readonly bigint[]): number | null {
  const sorted = [...amounts].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
  const total = sorted.reduce((sum, amount) => sum + amount, 0n)
  if (total === 0n) return null
  const n = BigInt(sorted.length)
  const weighted = sorted.reduce((sum, amount, place) => sum + (2n * BigInt(place + 1) - n - 1n) * amount, 0n)
  return Number((weighted * 1_000_000n) / (n * total))
}
