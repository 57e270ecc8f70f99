/** Scores of many answers, against what ONNX Runtime's bare matrix product reaches on the same shapes in the same run. */
import { seededRandom } from '@openledger/language-model'
import { createMatrixProduct } from '../../attribution-engine/src/features/matrix-product.ts'
import { layerDots } from '../../attribution-engine/src/influence/score-answers.ts'

const PARAMETERS = 61_440
const RECORDS = 256
const ANSWERS = 64
const ROUNDS = 5

/** @returns billions of multiplications and additions a CPU-second, medians of rounds by turns */
export async function measureIntegerProducts(): Promise<{ ours: number; bare: number }> {
  const random = seededRandom(1)
  const product = await createMatrixProduct(1)
  const signs = Uint8Array.from({ length: (RECORDS * PARAMETERS) / 8 }, () => random.below(256))
  const queries = Array.from({ length: ANSWERS }, () =>
    Int8Array.from({ length: PARAMETERS }, () => random.below(256) - 128),
  )
  const left = new Float32Array(ANSWERS * PARAMETERS).fill(1)
  const right = new Float32Array(RECORDS * PARAMETERS).fill(1)
  const times: { ours: number[]; bare: number[] } = { ours: [], bare: [] }
  for (let round = 0; round <= ROUNDS; round++) {
    const ours = await cpuS(() => layerDots(signs, queries, RECORDS, PARAMETERS, product))
    const bare = await cpuS(() => product.timesTransposed(left, right, PARAMETERS))
    if (round === 0) continue // warms up
    times.ours.push(ours)
    times.bare.push(bare)
  }
  const billions = (2 * ANSWERS * RECORDS * PARAMETERS) / 1e9
  return { ours: billions / median(times.ours), bare: billions / median(times.bare) }
}

async function cpuS(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1e6
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!
}
