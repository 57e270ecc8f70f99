/**
 * What a head sees of a text: which groups of one to four letters and which words it has, hashed into 2,048 places with a
 * sign, square roots of their counts, of length 1. Exact in any language; nothing is learned.
 *
 * @see Weinberger et al. 2009, "Feature hashing", arXiv:0902.2206
 */
import { recordInvalid } from './record-invalid.ts'

export const TEXT_DIMENSIONS = 2048
const MAX_LETTERS = 20_000
const LONGEST_GROUP = 4

/** @returns `[2048]` @throws {TrainingError} `training.record_invalid` for what is no UTF-8 */
export function textFeatures(bytes: Uint8Array): Float64Array {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw recordInvalid('row', 'it is not UTF-8', { bytes: bytes.length }, cause)
  }
  const letters = [...text.normalize('NFKC').toLowerCase().replace(/\s+/g, ' ').slice(0, MAX_LETTERS)]
  const counts = new Map<string, number>()
  const count = (group: string) => counts.set(group, (counts.get(group) ?? 0) + 1)
  for (let length = 1; length <= LONGEST_GROUP; length++) {
    for (let at = 0; at + length <= letters.length; at++) count(letters.slice(at, at + length).join(''))
  }
  for (const word of letters.join('').match(/[\p{L}\p{N}_]+/gu) ?? []) count(`word ${word}`)
  const features = new Float64Array(TEXT_DIMENSIONS)
  for (const [group, times] of counts) {
    const hash = fnv1a(group)
    features[hash % TEXT_DIMENSIONS]! += hash >= 2 ** 31 ? -Math.sqrt(times) : Math.sqrt(times)
  }
  const length = Math.sqrt(features.reduce((sum, value) => sum + value * value, 0))
  return length === 0 ? features : features.map((value) => value / length)
}

/** FNV-1a of the UTF-16 units, 32 bits, its low bits mixed with its high ones. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return (hash ^ (hash >>> 15)) >>> 0
}
