/**
 * MinHash signatures and the pairs that locality-sensitive hashing proposes.
 *
 * @see Broder et al. 1998, "Min-wise independent permutations"; Indyk & Motwani 1998 (banding)
 *
 * A pair of Jaccard similarity s meets in at least one band with probability 1 - (1 - s^4)^32: at s = 0.8 all but
 * 5 in 10^8 do. Fewer, longer bands would propose fewer pairs and let one near copy in twenty escape.
 */
import { mix } from './shingles.ts'

export const PERMUTATIONS = 128
export const BANDS = 32
export const PERMUTATION_SEED = 0x0be7
const ROWS = PERMUTATIONS / BANDS

const KEYS = Int32Array.from({ length: PERMUTATIONS }, (_, k) => mix(PERMUTATION_SEED + Math.imul(k + 1, 0x9e3779b9)))

/**
 * Minimum of the set under each of 128 permutations of 32-bit words.
 * @param shingles 53-bit hashes; their low 32 bits are permuted
 * @returns [128]
 */
export function minHash(shingles: Float64Array): Uint32Array {
  const words = Int32Array.from(shingles, (shingle) => shingle % 2 ** 32)
  const signature = new Uint32Array(PERMUTATIONS)
  for (let k = 0; k < PERMUTATIONS; k++) {
    const key = KEYS[k]!
    let least = 0xffffffff
    for (let i = 0; i < words.length; i++) least = Math.min(least, mix(words[i]! ^ key) >>> 0)
    signature[k] = least
  }
  return signature
}

/** Part of the permutations under which two sets have the same minimum: an unbiased estimate of their similarity. */
export function signatureSimilarity(a: Uint32Array, b: Uint32Array): number {
  let equal = 0
  for (let k = 0; k < PERMUTATIONS; k++) if (a[k] === b[k]) equal++
  return equal / PERMUTATIONS
}

/**
 * Groups of signatures that agree in a whole band. A pair may come up in several bands.
 * @returns indices into `signatures`, ascending within each group
 */
export function* candidateGroups(signatures: readonly Uint32Array[]): Generator<readonly number[]> {
  for (let band = 0; band < BANDS; band++) {
    const buckets = new Map<string, number[]>()
    for (const [index, signature] of signatures.entries()) {
      const key = signature.subarray(band * ROWS, band * ROWS + ROWS).join()
      const bucket = buckets.get(key)
      if (bucket) bucket.push(index)
      else buckets.set(key, [index])
    }
    for (const bucket of buckets.values()) if (bucket.length > 1) yield bucket
  }
}
