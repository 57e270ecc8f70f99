import type { ModelConfig } from '../config.ts'
import { scaledFrequency } from '../rotary-scaling.ts'

export type RotaryTables = { cos: Float32Array; sin: Float32Array }

/** Floats in each of a model's tables. */
export function rotaryTableSize({ headDim, maxPositions }: ModelConfig): number {
  return maxPositions * (headDim / 2)
}

/**
 * Cosines and sines of the angles by which position `p` turns pair `i`: p · theta^(-2i / headDim), or as the model
 * scales them.
 *
 * @returns two tables `[positions, headDim / 2]`
 * @see Su et al. 2021, eq. 15, arXiv:2104.09864; pairs are (i, i + headDim / 2), as in Hugging Face's LLaMA
 */
export function rotaryTables(config: ModelConfig, positions = config.maxPositions): RotaryTables {
  const { headDim, ropeTheta, rotaryScaling } = config
  const pairs = headDim / 2
  const amplitude = rotaryScaling?.kind === 'yarn' ? rotaryScaling.attentionFactor : 1
  const frequencies = Float64Array.from({ length: pairs }, (_, pair) => {
    const plain = ropeTheta ** ((-2 * pair) / headDim)
    return rotaryScaling === undefined ? plain : scaledFrequency(rotaryScaling, pair, plain, config)
  })
  const cos = new Float32Array(positions * pairs)
  const sin = new Float32Array(positions * pairs)
  for (let position = 0; position < positions; position++) {
    for (let pair = 0; pair < pairs; pair++) {
      const angle = position * frequencies[pair]!
      cos[position * pairs + pair] = amplitude * Math.cos(angle)
      sin[position * pairs + pair] = amplitude * Math.sin(angle)
    }
  }
  return { cos, sin }
}
