import { OpenLedgerError } from '@openledger/protocol'

/**
 * Splits `total` in proportion to `weights` so that the parts sum to it exactly.
 *
 * Every part is first rounded down; what is left over goes, one unit each, to the largest remainders, and equal
 * remainders are ordered by key. So the result depends on the set of (key, weight) pairs, never on their order, and no
 * part differs from its exact value by one unit or more. A weight of zero gets nothing.
 *
 * @param total   what is split, >= 0
 * @param weights [parts] >= 0, not all zero unless `total` is zero
 * @param keys    [parts] distinct names of the parts; they decide ties by their UTF-16 code units
 * @returns       [parts] in the order given
 * @see Hamilton's method of apportionment
 * @throws split.malformed for negative or unpaired input and for a key that stands twice; split.no_weight when there is
 * something to split and nobody to give it to
 */
export function largestRemainder(total: bigint, weights: readonly bigint[], keys: readonly string[]): bigint[] {
  refuseMalformed(total, weights, keys)
  const sum = weights.reduce((all, weight) => all + weight, 0n)
  if (total === 0n) return weights.map(() => 0n)
  if (sum === 0n) {
    throw new OpenLedgerError('split.no_weight', 'There is an amount to split but no part has any weight.', {
      facts: { total, parts: weights.length },
      nextStep: 'Give the amount to a reserve instead of splitting it.',
    })
  }
  const parts = weights.map((weight) => (total * weight) / sum)
  const remainders = weights.map((weight) => (total * weight) % sum)
  const left = total - parts.reduce((all, part) => all + part, 0n)
  const byRemainder = keys.map((key, index) => ({ key, index, remainder: remainders[index]! }))
  byRemainder.sort((a, b) =>
    a.remainder === b.remainder ? (a.key < b.key ? -1 : 1) : a.remainder > b.remainder ? -1 : 1,
  )
  // The remainders sum to left × sum and each is below sum, so more than `left` of them are positive.
  for (const { index } of byRemainder.slice(0, Number(left))) parts[index]! += 1n
  return parts
}

function refuseMalformed(total: bigint, weights: readonly bigint[], keys: readonly string[]): void {
  const fault =
    total < 0n
      ? 'the total is negative'
      : weights.length !== keys.length
        ? 'there is not one key per weight'
        : weights.some((weight) => weight < 0n)
          ? 'a weight is negative'
          : new Set(keys).size !== keys.length
            ? 'a key stands twice'
            : null
  if (fault === null) return
  throw new OpenLedgerError('split.malformed', `This amount cannot be split: ${fault}.`, {
    facts: { total, weights: weights.length, keys: keys.length },
    nextStep: 'Give one non-negative weight and one distinct key per part.',
  })
}
