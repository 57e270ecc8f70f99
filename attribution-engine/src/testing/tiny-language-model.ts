import { type LoraConfig, type ModelConfig, randomWeights } from '@openledger/language-model'
import type { WorkerModel } from '../features/gradient-task.ts'

/** A language model whose gradients take a millisecond. */
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
  maxPositions: 64,
}

export const TINY_LORA: LoraConfig = { rank: 2, alpha: 4, targets: ['q', 'v', 'o', 'up', 'down'] }

/** Weights large enough that every part of the model matters. */
export function tinyBase(config: ModelConfig = TINY): WorkerModel {
  return { config, weights: randomWeights(config, 7, 0.3) }
}
