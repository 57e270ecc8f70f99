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
const BLOCK_RECORDS = 32

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

/**
 * Rows are filled up to whole bytes: the answers' coordinates there are 0, so that the signs do not count.
 * @param partLength coordinates of one product, a multiple of 8; for tests
 */
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
  const partBytes = partLength >> 3
  const unpacked = new Float64Array(BLOCK_RECORDS * Math.min(partBytes, stride) * 4)
  for (let start = 0; start < stride; start += partBytes) {
    const bytes = Math.min(partBytes, stride - start)
    const width = bytes * 8
    const left = new Float32Array(queries.length * width)
    for (const [row, query] of queries.entries()) left.set(query.subarray(start * 8, start * 8 + width), row * width)
    for (let first = 0; first < records; first += BLOCK_RECORDS) {
      const count = Math.min(BLOCK_RECORDS, records - first)
      for (let row = 0; row < count; row++) {
        unpackSigns(signs, (first + row) * stride + start, bytes, unpacked, row * bytes * 4)
      }
      const right = new Float32Array(unpacked.buffer, 0, count * width)
      const some = await product.timesTransposed(left, right, width) // [queries, count]
      for (const row of queries.keys()) {
        for (let i = 0; i < count; i++) dots[row * records + first + i]! += some[row * count + i]!
      }
    }
  }
  return dots
}

/** Eight signs of each byte, +1 where its bit is 0: as four doubles of two floats each, which copy in half the time. */
const EIGHT = new Float64Array(256 * 4)
new Float32Array(EIGHT.buffer).forEach((_, at, floats) => {
  floats[at] = ((at >> 3) >> (at & 7)) & 1 ? -1 : 1
})

function unpackSigns(signs: Uint8Array, from: number, bytes: number, into: Float64Array, start: number): void {
  for (let byte = 0, at = start; byte < bytes; byte++, at += 4) {
    const eight = signs[from + byte]! << 2
    into[at] = EIGHT[eight]!
    into[at + 1] = EIGHT[eight + 1]!
    into[at + 2] = EIGHT[eight + 2]!
    into[at + 3] = EIGHT[eight + 3]!
  }
}
