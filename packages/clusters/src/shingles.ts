/**
 * A text as a set of 5-token shingles, the form in which near duplicates are compared.
 *
 * @see Broder 1997, "On the resemblance and containment of documents"
 *
 * Tokens are words and single signs of the normalised text, not a model's tokens: clusters must not change with a tokenizer.
 */

export const SHINGLE_TOKENS = 5

/** A text without what an idle change would alter: compatibility forms, case, white space. */
export function normaliseText(text: string): string {
  return text.normalize('NFKC').toLowerCase().replace(/\s+/gu, ' ').trim()
}

/**
 * The set of the text's shingles; a text of fewer than 5 tokens is one shingle, so that no set is empty.
 * @param normalised from `normaliseText`
 * @returns ascending, distinct 53-bit hashes: wide enough that 10^6 shingles collide with probability below 10^-4
 */
export function shinglesOf(normalised: string): Float64Array {
  const tokens = normalised.match(/[\p{L}\p{M}\p{N}_]+|[^\s\p{L}\p{M}\p{N}_]/gu) ?? []
  const hashes = tokens.map(hashToken)
  const width = Math.min(SHINGLE_TOKENS, hashes.length)
  const shingles = new Set<number>()
  for (let start = 0; start + width <= hashes.length; start++) {
    let low = 0x811c9dc5
    let high = 0x9e3779b9
    for (let i = start; i < start + width; i++) {
      low = mix(low ^ hashes[i]!)
      high = mix(Math.imul(high, 31) + hashes[i]!)
    }
    shingles.add((high >>> 11) * 2 ** 32 + (low >>> 0))
  }
  return Float64Array.from(shingles).sort()
}

/** |A ∩ B| / |A ∪ B| of two ascending sets. */
export function jaccard(a: Float64Array, b: Float64Array): number {
  let shared = 0
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    const left = a[i]!
    const right = b[j]!
    if (left === right) shared++
    if (left <= right) i++
    if (right <= left) j++
  }
  return shared / (a.length + b.length - shared)
}

/** A bijection of 32-bit words whose every output bit depends on every input bit (MurmurHash3's finaliser). */
export function mix(word: number): number {
  let h = word | 0
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return h ^ (h >>> 16)
}

/** FNV-1a over UTF-16 code units. */
function hashToken(token: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < token.length; i++) hash = Math.imul(hash ^ token.charCodeAt(i), 0x01000193)
  return hash
}
