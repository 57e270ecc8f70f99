import type { ModelConfig } from '../config.ts'

export type RotaryTables = { cos: Float32Array; sin: Float32Array }

/**
 * Cosines and sines of the angles by which position `p` turns pair `i`: p · theta^(-2i / headDim).
 *
 * @returns two tables `[positions, headDim / 2]`
 * @see Su et al. 2021, eq. 15, arXiv:2104.09864; pairs are (i, i + headDim / 2), as in Hugging Face's LLaMA
 */
export function rotaryTables(config: ModelConfig, positions = config.maxPositions): RotaryTables {
  const pairs = config.headDim / 2
  const cos = new Float32Array(positions * pairs)
  const sin = new Float32Array(positions * pairs)
  for (let position = 0; position < positions; position++) {
    for (let pair = 0; pair < pairs; pair++) {
      const angle = position * config.ropeTheta ** ((-2 * pair) / config.headDim)
      cos[position * pairs + pair] = Math.cos(angle)
      sin[position * pairs + pair] = Math.sin(angle)
    }
  }
  return { cos, sin }
}
