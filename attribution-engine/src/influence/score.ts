/**
 * How much each training record lowered the loss of an answer, in integers: the same bits on every machine.
 *
 *   dot[l, i]   = sum over p of  sign[l, i, p] · q[l, p]                       q: int8, sign: -1 or +1
 *   layer[l, i] = min(scale[l, i], cap[l]) · 2^(e[l] - min e) · dot[l, i] · 2^16 / |q[l]|      truncated towards zero
 *   score[s, i] = sum of layer[l, i] over the layers l of seed s
 *
 * where |q| = floor(sqrt(sum q² · 2^32)), and a layer with q = 0 gives 0. A score of 2^-(min e) is one standard deviation
 * of a layer's scores between training records; positive: the record lowered the answer's loss.
 *
 * `scoreByDefinition` is the definition; `scoreRecords` gives the same integers faster. The proof that a double holds a dot
 * product exactly: |dot| <= 128 · parameters < 2^53 for parameters < 2^46; all later steps are BigInt.
 */
import { integerSqrt } from './integer-root.ts'

/** A row's features may weigh at most this many times the median row: one odd record cannot buy every answer. */
export const LEVERAGE_CAP = 4n

export type FeatureLayer = {
  seed: number
  /** [records, ceil(parameters / 8)]: 1 = negative, least significant bit first. */
  signs: Uint8Array
  /** [records], >= 0, in units of 2^scaleExponent. */
  scales: Int32Array
  scaleExponent: number
}

export type FeatureSet = {
  parameters: number
  /** Digests of the rows. */
  records: readonly `0x${string}`[]
  layers: readonly FeatureLayer[]
}

/**
 * @param answer [layers, parameters]
 * @returns [records][seeds], seeds in the order of their first layer
 */
export function scoreByDefinition(features: FeatureSet, answer: Int8Array): bigint[][] {
  return combineLayers(features, answer, (layer, query) => {
    const stride = Math.ceil(query.length / 8)
    return features.records.map((_, row) => {
      let dot = 0n
      for (const [p, coordinate] of query.entries()) {
        const negative = (layer.signs[row * stride + (p >> 3)]! >> (p & 7)) & 1
        dot += negative ? -BigInt(coordinate) : BigInt(coordinate)
      }
      return dot
    })
  })
}

/** Equal to `scoreByDefinition` to the last bit: eight coordinates at a time, by a table of their 256 sums. */
export function scoreRecords(features: FeatureSet, answer: Int8Array): bigint[][] {
  return combineLayers(features, answer, (layer, query) => {
    const stride = Math.ceil(query.length / 8)
    const dots = new Float64Array(features.records.length)
    const tables = new Int16Array(TABLE_BYTES * 256)
    for (let start = 0; start < stride; start += TABLE_BYTES) {
      const end = Math.min(start + TABLE_BYTES, stride)
      fillTables(tables, query, start, end)
      for (let row = 0; row < dots.length; row++) {
        const base = row * stride
        let sum = 0 // below 2^31: 2^10 bytes of at most 8 · 128
        for (let byte = start; byte < end; byte++) {
          sum += tables[((byte - start) << 8) | layer.signs[base + byte]!]!
        }
        dots[row]! += sum
      }
    }
    return Array.from(dots, BigInt)
  })
}

/** Tables of a block stay in the processor's second-level cache: 512 KB. */
const TABLE_BYTES = 1024

/** table[byte, bits] = sum of the byte's eight coordinates, negated where the bit is 1; within ±1024. */
function fillTables(tables: Int16Array, query: Int8Array, start: number, end: number): void {
  for (let byte = start; byte < end; byte++) {
    const at = (byte - start) << 8
    let sum = 0
    for (let bit = 0; bit < 8; bit++) sum += query[byte * 8 + bit] ?? 0
    tables[at] = sum
    for (let bits = 1; bits < 256; bits++) {
      const lowest = 31 - Math.clz32(bits & -bits)
      tables[at | bits] = tables[at | (bits & (bits - 1))]! - 2 * (query[byte * 8 + lowest] ?? 0)
    }
  }
}

/** The steps after the dot products. @param dotsOf gives those of a layer, [records]; it has the index of the layer */
export function combineLayers(
  features: FeatureSet,
  answer: Int8Array,
  dotsOf: (layer: FeatureLayer, query: Int8Array, index: number) => bigint[],
): bigint[][] {
  const seeds = [...new Set(features.layers.map((layer) => layer.seed))]
  const exponent = features.layers.reduce((min, layer) => Math.min(min, layer.scaleExponent), Number.POSITIVE_INFINITY)
  const scores = features.records.map(() => seeds.map(() => 0n))
  for (const [index, layer] of features.layers.entries()) {
    const query = answer.subarray(index * features.parameters, (index + 1) * features.parameters)
    const norm = integerNorm(query)
    if (norm === 0n) continue
    const cap = leverageCap(layer.scales)
    const shift = BigInt(layer.scaleExponent - exponent) + 16n
    const seed = seeds.indexOf(layer.seed)
    for (const [row, dot] of dotsOf(layer, query, index).entries()) {
      const scale = BigInt(layer.scales[row]!)
      scores[row]![seed]! += (((scale < cap ? scale : cap) * dot) << shift) / norm
    }
  }
  return scores
}

/** floor(2^16 |q|) */
function integerNorm(query: Int8Array): bigint {
  let squares = 0 // exact: at most 2^14 a coordinate
  for (let p = 0; p < query.length; p++) squares += query[p]! * query[p]!
  return integerSqrt(BigInt(squares) << 32n)
}

/** LEVERAGE_CAP times the lower median of the positive scales. */
export function leverageCap(scales: Int32Array): bigint {
  const positive = scales.filter((scale) => scale > 0).sort()
  return LEVERAGE_CAP * BigInt(positive[(positive.length - 1) >> 1] ?? 0)
}
