/**
 * LoRA adapters: y = W x + scale · B A x with scale = alpha / rank, in memory and as Hugging Face PEFT files.
 *
 * In memory an adapter is one vector of P floats: gradients, optimiser state and checkpoints then have the same order
 * without any bookkeeping. `loraParameters` is that order.
 *
 * @see Hu et al. 2021, arXiv:2106.09685
 */
import { type ModelConfig, PROJECTIONS, type Projection, projectionSize } from './config.ts'
import { LanguageModelError } from './error.ts'
import { seededRandom } from './random.ts'
import { elementCount } from './weights.ts'

export type LoraConfig = {
  rank: number
  /** The delta is multiplied by alpha / rank. A power of two there keeps folding it into B exact. */
  alpha: number
  /** Projections that have a delta, in every layer. */
  targets: readonly Projection[]
  /** The delta is multiplied by alpha / sqrt(rank) instead (Kalajdzievski 2023, arXiv:2312.03732). */
  isRankStabilised?: true
}

/** What B A x is multiplied by. */
export function loraScale({ alpha, isRankStabilised, rank }: LoraConfig): number {
  return alpha / (isRankStabilised ? Math.sqrt(rank) : rank)
}

/** An adapter's parameters `[P]`, in the order of `loraParameters`. */
export type AdapterWeights = Float32Array

export type LoraParameter = {
  layer: number
  projection: Projection
  /** A is `[in, rank]` and B `[rank, out]`: transposed against PEFT's files, as the graphs multiply from the right. */
  matrix: 'A' | 'B'
  shape: readonly [number, number]
  /** Where it begins in the vector. */
  offset: number
  length: number
}

/** Every matrix of an adapter in its order: by layer, then projection (q, k, v, o, gate, up, down), then A before B. */
export function loraParameters(config: ModelConfig, lora: LoraConfig): LoraParameter[] {
  const parameters: LoraParameter[] = []
  let offset = 0
  for (let layer = 0; layer < config.layers; layer++) {
    for (const projection of PROJECTIONS.filter((name) => lora.targets.includes(name))) {
      const size = projectionSize(config, projection)
      const shapes = { A: [size.in, lora.rank], B: [lora.rank, size.out] } as const
      for (const matrix of ['A', 'B'] as const) {
        const shape = shapes[matrix]
        const length = elementCount(shape)
        parameters.push({ layer, projection, matrix, shape, offset, length })
        offset += length
      }
    }
  }
  return parameters
}

/** P: the length of an adapter's vector and of a LoRA gradient. */
export function loraParameterCount(config: ModelConfig, lora: LoraConfig): number {
  return loraParameters(config, lora).reduce((sum, { length }) => sum + length, 0)
}

/** A fresh adapter: A normal with variance 1 / in, B zero, so that it changes nothing yet. */
export function initialAdapter(config: ModelConfig, lora: LoraConfig, seed: number): AdapterWeights {
  const random = seededRandom(seed)
  const adapter = new Float32Array(loraParameterCount(config, lora))
  for (const { matrix, shape, offset, length } of loraParameters(config, lora)) {
    if (matrix === 'B') continue
    const deviation = 1 / Math.sqrt(shape[0])
    for (let i = offset; i < offset + length; i++) adapter[i] = random.normal() * deviation
  }
  return adapter
}

/** The matrix of one parameter: a view into the adapter. */
export function loraMatrix(adapter: AdapterWeights, parameter: LoraParameter): Float32Array {
  return adapter.subarray(parameter.offset, parameter.offset + parameter.length)
}

/** @throws {LanguageModelError} `adapter.weights_mismatch` unless the vector has one float for each parameter */
export function requireAdapter(config: ModelConfig, lora: LoraConfig, adapter: AdapterWeights): void {
  const expected = loraParameterCount(config, lora)
  if (adapter.length === expected) return
  throw new LanguageModelError('adapter.weights_mismatch', 'The adapter does not fit the model.', {
    facts: { parameters: adapter.length, expected },
    nextStep: 'Use an adapter that was trained on this base model with these targets and this rank.',
  })
}
