/**
 * Held-out text that was trained on all the same: n-grams of words that both have.
 *
 * @see Brown et al. 2020, arXiv:2005.14165, appendix C: 13-grams, lower case, without punctuation
 */

const N = 13

export type Contamination = {
  /** Words of an n-gram. */
  n: number
  heldOut: number
  /** Held-out texts that share an n-gram with the training texts; one of fewer words must be found whole. */
  contaminated: number
  /** Their places in `heldOut`. */
  places: number[]
}

export function findContamination(training: readonly string[], heldOut: readonly string[]): Contamination {
  const asked = heldOut.map((text) => {
    const words = wordsOf(text)
    return { size: Math.min(N, words.length), grams: gramsOf(words, Math.min(N, words.length)) }
  })
  const sizes = [...new Set(asked.map(({ size }) => size))].filter((size) => size > 0)
  // Only what is asked for is kept: the training texts may be large.
  const wanted = new Set(asked.flatMap(({ grams }) => grams))
  const found = new Set<string>()
  for (const text of training) {
    const words = wordsOf(text)
    for (const size of sizes) for (const gram of gramsOf(words, size)) if (wanted.has(gram)) found.add(gram)
  }
  const places = asked.flatMap(({ grams }, place) => (grams.some((gram) => found.has(gram)) ? [place] : []))
  return { n: N, heldOut: heldOut.length, contaminated: places.length, places }
}

function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []
}

function gramsOf(words: readonly string[], size: number): string[] {
  if (size === 0) return []
  return Array.from({ length: Math.max(0, words.length - size + 1) }, (_, i) => words.slice(i, i + size).join(' '))
}
