/**
 * From scores under several training seeds to what pay is proportional to, in integers. Roundings go against the record:
 * the mean down, its standard error up, so rounding never turns noise into pay.
 */
import { OpenLedgerError, PPM } from '@openledger/protocol'
import { integerSqrtUp } from './integer-root.ts'

export type Utility = { mean: bigint; standardError: bigint; utility: bigint }

/**
 * @param scores one per training seed
 * @returns mean = floor(sum / M); standardError = ceil(sqrt(sum (s - sum/M)² / (M (M - 1)))), from the exact mean;
 *   utility = max(mean - 2 standardError, 0)
 * @throws influence.too_few_seeds below two: one seed says nothing about its own uncertainty
 */
export function utilityOf(scores: readonly bigint[]): Utility {
  const seeds = BigInt(scores.length)
  if (seeds < 2n) {
    throw new OpenLedgerError('influence.too_few_seeds', 'Influence needs at least two training seeds.', {
      facts: { seeds },
      nextStep: 'Train the adapter with two or more seeds, so that each score has an uncertainty.',
    })
  }
  const sum = scores.reduce((total, score) => total + score, 0n)
  const mean = floorDivide(sum, seeds)
  // Times M, deviations from the mean are integers: sum (M s - sum)² = M² sum (s - mean)².
  const squares = scores.reduce((total, score) => total + (seeds * score - sum) ** 2n, 0n)
  const standardError = integerSqrtUp(ceilDivide(squares, seeds ** 3n * (seeds - 1n)))
  const certain = mean - 2n * standardError
  return { mean, standardError, utility: certain > 0n ? certain : 0n }
}

/** Each utility as parts per million of their sum, rounded down; all 0 when nothing is positive. */
export function sharesPpm(utilities: readonly bigint[]): number[] {
  const sum = utilities.reduce((total, utility) => total + utility, 0n)
  return utilities.map((utility) => (sum === 0n ? 0 : Number((utility * PPM) / sum)))
}

function floorDivide(a: bigint, b: bigint): bigint {
  return a < 0n && a % b !== 0n ? a / b - 1n : a / b
}

/** For a >= 0, b > 0. */
function ceilDivide(a: bigint, b: bigint): bigint {
  return (a + b - 1n) / b
}
