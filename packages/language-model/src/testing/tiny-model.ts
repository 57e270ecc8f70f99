/** A model small enough for finite differences, with everything a real one has: two layers, grouped queries. */
import { type ModelConfig, PROJECTIONS } from '../config.ts'
import type { LoraConfig } from '../lora.ts'
import { seededRandom } from '../random.ts'
import type { BaseModel } from '../rows-gradients.ts'
import { randomWeights } from '../weights.ts'

export const TINY: ModelConfig = {
  hiddenSize: 16,
  layers: 2,
  heads: 4,
  kvHeads: 2,
  headDim: 4,
  intermediateSize: 24,
  vocabSize: 40,
  ropeTheta: 10_000,
  rmsNormEps: 1e-5,
  tieWordEmbeddings: true,
  maxPositions: 32,
}

/** With biases, head norms, scaled angles, a window on one layer and no angles on the other: no real model has all. */
export const EVERYTHING: ModelConfig = {
  ...TINY,
  tieWordEmbeddings: false,
  biases: PROJECTIONS,
  hasHeadNorms: true,
  rotaryScaling: {
    kind: 'yarn',
    factor: 4,
    attentionFactor: 1.2,
    betaFast: 2,
    betaSlow: 0.5,
    isTruncated: false,
    trainedPositions: 8,
  },
  slidingWindow: { tokens: 3, layers: [0] },
  unrotatedLayers: [1],
}

export const TINY_LORA: LoraConfig = { rank: 2, alpha: 4, targets: ['q', 'v', 'o', 'up', 'down'] }

/** Weights large enough that every part of the model matters to the loss. */
export function tinyBase(config: ModelConfig = TINY): BaseModel {
  const weights = new Map(randomWeights(config, 7, 0.3))
  for (const [index, name] of [...weights.keys()].entries()) {
    if (name.endsWith('.bias')) weights.set(name, randomVector(weights.get(name)!.length, 0.3, index))
  }
  return { config, weights }
}

export function randomSequences(count: number, seed: number, config: ModelConfig = TINY): number[][] {
  const random = seededRandom(seed)
  return Array.from({ length: count }, () =>
    Array.from({ length: 3 + random.below(8) }, () => random.below(config.vocabSize)),
  )
}

export function randomVector(length: number, deviation: number, seed: number): Float32Array {
  const random = seededRandom(seed)
  return Float32Array.from({ length }, () => random.normal() * deviation)
}
