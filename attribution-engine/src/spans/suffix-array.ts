/**
 * The suffixes of a sequence of integers in ascending order, by induced sorting in linear time.
 *
 * @see Nong, Zhang & Chan 2009, "Linear Suffix Array Construction by Almost Pure Induced-Sorting" (SA-IS)
 *
 * Takes 4 bytes a token for the result and about 5 more while it works. Left out: the trick of keeping the reduced problem
 * inside the result, which would save the 5 and make the text hard to follow.
 */

/**
 * @param tokens values in 0 … alphabet - 1
 * @param alphabet a bound above every value; memory grows with it, so it should not be far from the number of values
 * @returns [tokens.length]: starts of the suffixes; a suffix that ends early sorts first
 */
export function suffixArray(tokens: Int32Array, alphabet: number): Int32Array {
  const n = tokens.length
  if (n === 0) return new Int32Array()
  if (n === 1) return new Int32Array(1)
  const isSmall = classify(tokens)
  const isLeftmost = (i: number) => i > 0 && isSmall[i] === 1 && isSmall[i - 1] === 0
  const ends = bucketEnds(tokens, alphabet)

  // Sort the leftmost small suffixes (LMS) by their first letter, then let order spread from them.
  const suffixes = new Int32Array(n).fill(-1)
  const tails = ends.slice()
  let count = 0
  for (let i = n - 1; i > 0; i--) {
    if (!isLeftmost(i)) continue
    suffixes[--tails[tokens[i]!]!] = i
    count++
  }
  induce(tokens, isSmall, ends, suffixes)

  // LMS substrings are now in order: number them, equal ones alike.
  const order = new Int32Array(count)
  for (let i = 0, at = 0; i < n; i++) if (isLeftmost(suffixes[i]!)) order[at++] = suffixes[i]!
  const { names, distinct } = nameSubstrings(tokens, isLeftmost, order)
  const positions = new Int32Array(count)
  for (let i = 0, at = 0; i < n; i++) if (isLeftmost(i)) positions[at++] = i
  if (distinct < count) {
    const reduced = positions.map((position) => names[position >> 1]!)
    for (const [rank, index] of suffixArray(reduced, distinct).entries()) order[rank] = positions[index]!
  }

  suffixes.fill(-1)
  tails.set(ends)
  for (let i = count - 1; i >= 0; i--) suffixes[--tails[tokens[order[i]!]!]!] = order[i]!
  induce(tokens, isSmall, ends, suffixes)
  return suffixes
}

/** 1 where the suffix is smaller than the one after it; the last is larger than the empty one. */
function classify(tokens: Int32Array): Uint8Array {
  const isSmall = new Uint8Array(tokens.length)
  for (let i = tokens.length - 2; i >= 0; i--) {
    const a = tokens[i]!
    const b = tokens[i + 1]!
    isSmall[i] = a < b || (a === b && isSmall[i + 1] === 1) ? 1 : 0
  }
  return isSmall
}

/** For each value, the number of tokens that are not larger. */
function bucketEnds(tokens: Int32Array, alphabet: number): Int32Array {
  const ends = new Int32Array(alphabet)
  for (let i = 0; i < tokens.length; i++) ends[tokens[i]!]!++
  for (let value = 1; value < alphabet; value++) ends[value]! += ends[value - 1]!
  return ends
}

/** Places the large suffixes from left to right behind smaller ones, then the small ones from right to left anew. */
function induce(tokens: Int32Array, isSmall: Uint8Array, ends: Int32Array, suffixes: Int32Array): void {
  const n = tokens.length
  const heads = new Int32Array(ends.length)
  heads.set(ends.subarray(0, ends.length - 1), 1)
  suffixes[heads[tokens[n - 1]!]!++] = n - 1 // behind the empty suffix, which is not stored
  for (let i = 0; i < n; i++) {
    const before = suffixes[i]! - 1
    if (before >= 0 && isSmall[before] === 0) suffixes[heads[tokens[before]!]!++] = before
  }
  const tails = ends.slice()
  for (let i = n - 1; i >= 0; i--) {
    const before = suffixes[i]! - 1
    if (before >= 0 && isSmall[before] === 1) suffixes[--tails[tokens[before]!]!] = before
  }
}

/** @returns names by position / 2 (two LMS positions are never adjacent), and how many differ */
function nameSubstrings(tokens: Int32Array, isLeftmost: (i: number) => boolean, order: Int32Array) {
  const names = new Int32Array((tokens.length >> 1) + 1)
  let distinct = 0
  for (let i = 0; i < order.length; i++) {
    if (i > 0 && !equalSubstrings(tokens, isLeftmost, order[i - 1]!, order[i]!)) distinct++
    names[order[i]! >> 1] = distinct
  }
  return { names, distinct: order.length === 0 ? 0 : distinct + 1 }
}

/** Whether the substrings from two LMS positions up to their next ones are the same. */
function equalSubstrings(tokens: Int32Array, isLeftmost: (i: number) => boolean, a: number, b: number): boolean {
  for (let length = 0; ; length++) {
    const atEnd = a + length >= tokens.length || b + length >= tokens.length
    if (atEnd || tokens[a + length] !== tokens[b + length]) return false
    if (length === 0) continue
    const endsA = isLeftmost(a + length)
    if (endsA !== isLeftmost(b + length)) return false
    if (endsA) return true
  }
}
