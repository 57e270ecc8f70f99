/**
 * The suffixes of a sequence of integers in ascending order, by induced sorting in linear time.
 *
 * @see Nong, Zhang & Chan 2009, "Linear Suffix Array Construction by Almost Pure Induced-Sorting" (SA-IS)
 *
 * A suffix is small when it is smaller than the one after it, else large; the last is large, for the empty one comes before
 * it. Small ones behind a large one are leftmost (LMS): sort these, and the order of all others follows in two sweeps.
 *
 * Sorting waits for memory more than it computes. So no array of types is read while sweeping: what stands before a
 * large suffix is large itself if its token is not smaller, before a small one small if its token is not larger, and an entry's sign
 * keeps the answer until the entry is read. Takes 4 bytes a token for the result and about 4 more while it works.
 */

/**
 * @param tokens values in 0 … alphabet - 1
 * @param alphabet a bound above every value; memory grows with it, so it should not be far from the number of values
 * @returns [tokens.length]: starts of the suffixes; a suffix that ends early sorts first
 */
export function suffixArray(tokens: Int32Array, alphabet: number): Int32Array {
  const n = tokens.length
  const suffixes = new Int32Array(n)
  if (n < 2) return suffixes
  const ends = bucketEnds(tokens, alphabet)
  const leftmost = leftmostSmall(tokens)
  const count = leftmost.length
  if (count > 1) {
    placeAtEnds(tokens, ends, leftmost, suffixes)
    const order = sortSubstrings(tokens, ends, suffixes, count)
    const { names, distinct } = nameSubstrings(tokens, leftmost, order)
    if (distinct < count) {
      const reduced = leftmost.map((position) => names[position >> 1]!)
      order.set(suffixArray(reduced, distinct))
      for (let rank = 0; rank < count; rank++) order[rank] = leftmost[order[rank]!]!
    }
    suffixes.fill(0)
    placeAtEnds(tokens, ends, order, suffixes)
  } else placeAtEnds(tokens, ends, leftmost, suffixes)
  induce(tokens, ends, suffixes)
  return suffixes
}

/** For each value, the number of tokens that are not larger. */
function bucketEnds(tokens: Int32Array, alphabet: number): Int32Array {
  const ends = new Int32Array(alphabet)
  for (let i = 0; i < tokens.length; i++) ends[tokens[i]!]!++
  for (let value = 1; value < alphabet; value++) ends[value]! += ends[value - 1]!
  return ends
}

function bucketHeads(ends: Int32Array): Int32Array {
  const heads = new Int32Array(ends.length)
  heads.set(ends.subarray(0, ends.length - 1), 1)
  return heads
}

/** Positions of the leftmost small suffixes, ascending. No two are adjacent. */
function leftmostSmall(tokens: Int32Array): Int32Array {
  const found = new Int32Array(tokens.length >> 1)
  let at = found.length
  let isSmall = false
  for (let i = tokens.length - 2; i >= 0; i--) {
    const a = tokens[i]!
    const b = tokens[i + 1]!
    if (a < b) isSmall = true
    else if (a > b) {
      if (isSmall) found[--at] = i + 1
      isSmall = false
    }
  }
  return found.slice(at)
}

/** Puts positions, given in order, behind each other at the ends of their buckets; elsewhere stays 0. */
function placeAtEnds(tokens: Int32Array, ends: Int32Array, order: Int32Array, suffixes: Int32Array): void {
  const tails = ends.slice()
  for (let i = order.length - 1; i >= 0; i--) suffixes[--tails[tokens[order[i]!]!]!] = order[i]!
}

/**
 * Sorts the LMS positions by what stands from each to the next, ends included. `suffixes` has them at their buckets' ends.
 * @returns [count]
 */
function sortSubstrings(tokens: Int32Array, ends: Int32Array, suffixes: Int32Array, count: number): Int32Array {
  const n = tokens.length
  const heads = bucketHeads(ends)
  const last = tokens[n - 1]!
  suffixes[heads[last]!++] = tokens[n - 2]! < last ? -n : n - 1 // behind the empty suffix, which is not stored
  for (let i = 0; i < n; i++) {
    const suffix = suffixes[i]!
    if (suffix > 0) {
      const before = suffix - 1
      const value = tokens[before]!
      suffixes[heads[value]!++] = before > 0 && tokens[before - 1]! < value ? ~before : before
      suffixes[i] = 0
    } else if (suffix < 0) suffixes[i] = ~suffix
  }
  const tails = ends.slice()
  const order = new Int32Array(count)
  let at = count
  for (let i = n - 1; i >= 0; i--) {
    const suffix = suffixes[i]!
    if (suffix > 0) {
      const before = suffix - 1
      const value = tokens[before]!
      suffixes[--tails[value]!] = before > 0 && tokens[before - 1]! > value ? ~before : before
    } else if (suffix < 0) order[--at] = ~suffix
  }
  return order
}

/** Spreads the order of the LMS suffixes, which stand at their buckets' ends, to all suffixes. */
function induce(tokens: Int32Array, ends: Int32Array, suffixes: Int32Array): void {
  const n = tokens.length
  const heads = bucketHeads(ends)
  const last = tokens[n - 1]!
  suffixes[heads[last]!++] = tokens[n - 2]! < last ? -n : n - 1
  for (let i = 0; i < n; i++) {
    const suffix = suffixes[i]!
    suffixes[i] = ~suffix // what was read here is not read in the second sweep, and the other way round
    if (suffix > 0) {
      const before = suffix - 1
      const value = tokens[before]!
      suffixes[heads[value]!++] = before > 0 && tokens[before - 1]! < value ? ~before : before
    }
  }
  const tails = ends.slice()
  for (let i = n - 1; i >= 0; i--) {
    const suffix = suffixes[i]!
    if (suffix > 0) {
      const before = suffix - 1
      const value = tokens[before]!
      suffixes[--tails[value]!] = before === 0 || tokens[before - 1]! > value ? ~before : before
    } else suffixes[i] = ~suffix
  }
}

/** @returns names by position / 2 (no two LMS positions are adjacent), and how many differ */
function nameSubstrings(tokens: Int32Array, leftmost: Int32Array, order: Int32Array) {
  const lengths = new Int32Array((tokens.length >> 1) + 1)
  // The last one runs into the end, as no other does: length 0 stands for that.
  for (let i = 0; i + 1 < leftmost.length; i++) lengths[leftmost[i]! >> 1] = leftmost[i + 1]! - leftmost[i]! + 1
  let name = 0
  let previous = order[0]!
  let previousLength = lengths[previous >> 1]!
  lengths[previous >> 1] = 0 // from here on it holds the name
  for (let i = 1; i < order.length; i++) {
    const position = order[i]!
    const length = lengths[position >> 1]!
    let isSame = length === previousLength && length > 0
    for (let k = 0; isSame && k < length; k++) isSame = tokens[previous + k] === tokens[position + k]
    if (!isSame) name++
    lengths[position >> 1] = name
    previous = position
    previousLength = length
  }
  return { names: lengths, distinct: name + 1 }
}
