/** The largest integer whose square is at most `n`, by Newton's method from above. */
export function integerSqrt(n: bigint): bigint {
  if (n < 2n) return n
  let root = 1n << BigInt((n.toString(2).length + 1) >> 1)
  for (;;) {
    const next = (root + n / root) >> 1n
    if (next >= root) return root
    root = next
  }
}

/** The smallest integer whose square is at least `n`. */
export function integerSqrtUp(n: bigint): bigint {
  const root = integerSqrt(n)
  return root * root === n ? root : root + 1n
}
