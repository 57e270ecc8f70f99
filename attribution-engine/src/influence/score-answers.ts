/**
 * The scores of many answers at once, to the last bit those of `scoreByDefinition`, by float32 products of ONNX Runtime.
 *
 * Why floats may: each factor is an integer, a sign times at most 128, so that every partial sum over up to 2^17 − 1
 * coordinates is an integer below 2^24, which float32 holds exactly. No order of summation, no number of threads and no
 * fused instruction can change such a sum. Longer vectors are cut into parts, which are added as doubles.
 */
import type { MatrixProduct } from '../features/matrix-product.ts'
import { combineLayers, type FeatureSet } from './score.ts'

/** 2^24 / 128 − 8: a multiple of 8 below the limit of the proof. */
const PART = 2 ** 17 - 8

/** Records whose signs are floats at a time. */
const BLOCK_RECORDS = 64

/**
 * @param answers each [layers, parameters]
 * @returns       [answers][records][seeds]
 */
export async function scoreAnswers(
  features: FeatureSet,
  answers: readonly Int8Array[],
  product: MatrixProduct,
): Promise<bigint[][][]> {
  const { parameters, layers } = features
  const dots: Float64Array[] = [] // of each layer, [answers, records]
  for (const [index, layer] of layers.entries()) {
    const queries = answers.map((answer) => answer.subarray(index * parameters, (index + 1) * parameters))
    dots.push(await layerDots(layer.signs, queries, features.records.length, parameters, product))
  }
  const n = features.records.length
  return answers.map((answer, at) =>
    combineLayers(features, answer, (_layer, _query, index) =>
      Array.from(dots[index]!.subarray(at * n, (at + 1) * n), BigInt),
    ),
  )
}

/** @param partLength coordinates of one product; for tests */
export async function layerDots(
  signs: Uint8Array,
  queries: readonly Int8Array[],
  records: number,
  parameters: number,
  product: MatrixProduct,
  partLength = PART,
): Promise<Float64Array> {
  const dots = new Float64Array(queries.length * records)
  const stride = Math.ceil(parameters / 8)
  for (let start = 0; start < parameters; start += partLength) {
    const length = Math.min(partLength, parameters - start)
    const left = new Float32Array(queries.length * length)
    for (const [row, query] of queries.entries()) left.set(query.subarray(start, start + length), row * length)
    for (let first = 0; first < records; first += BLOCK_RECORDS) {
      const count = Math.min(BLOCK_RECORDS, records - first)
      const right = new Float32Array(count * length)
      for (let row = 0; row < count; row++) {
        const from = (first + row) * stride + (start >> 3)
        unpackSigns(
          signs.subarray(from, from + Math.ceil(length / 8)),
          right.subarray(row * length, (row + 1) * length),
        )
      }
      const some = await product.timesTransposed(left, right, length) // [queries, count]
      for (const row of queries.keys()) {
        for (let i = 0; i < count; i++) dots[row * records + first + i]! += some[row * count + i]!
      }
    }
  }
  return dots
}

/** Eight signs of each byte: +1 where its bit is 0. */
const EIGHT = Array.from({ length: 256 }, (_, byte) =>
  Float32Array.from({ length: 8 }, (_, bit) => ((byte >> bit) & 1 ? -1 : 1)),
)

function unpackSigns(bytes: Uint8Array, into: Float32Array): void {
  const whole = into.length >> 3
  for (let byte = 0; byte < whole; byte++) {
    const eight = EIGHT[bytes[byte]!]!
    const at = byte << 3
    into[at] = eight[0]!
    into[at + 1] = eight[1]!
    into[at + 2] = eight[2]!
    into[at + 3] = eight[3]!
    into[at + 4] = eight[4]!
    into[at + 5] = eight[5]!
    into[at + 6] = eight[6]!
    into[at + 7] = eight[7]!
  }
  for (let p = whole << 3; p < into.length; p++) into[p] = EIGHT[bytes[whole]!]![p & 7]!
}
