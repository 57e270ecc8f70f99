/** The model, adapters and requests that serving is measured with. All random, from fixed seeds: speed does not depend on sense. */
import {
  type Adapter,
  loraParameterCount,
  type ModelConfig,
  type ModelWeights,
  type Projection,
  randomWeights,
  seededRandom,
} from '@openledger/language-model'
import type { AnswerRequest } from '../../inference-node/src/engine/request.ts'

/** 27 million parameters: large enough that matrices, not the language around them, take the time. */
export const CONFIG: ModelConfig = {
  hiddenSize: 512,
  layers: 8,
  heads: 8,
  kvHeads: 4,
  headDim: 64,
  intermediateSize: 1376,
  vocabSize: 8192,
  ropeTheta: 10_000,
  rmsNormEps: 1e-5,
  tieWordEmbeddings: true,
  maxPositions: 512,
}
export const RANK = 8
export const ATTENTION: readonly Projection[] = ['q', 'k', 'v', 'o']
export const ALL: readonly Projection[] = ['q', 'k', 'v', 'o', 'gate', 'up', 'down']

export const weights = (): ModelWeights => randomWeights(CONFIG, 1, 0.02)

/** Values that half precision holds, as those of an adapter that is published in it. */
export function randomAdapter(targets: readonly Projection[], seed: number): Adapter {
  const lora = { rank: RANK, alpha: 2 * RANK, targets }
  const random = seededRandom(seed)
  const block = Float32Array.from({ length: 4096 }, () => Math.fround(Math.round(random.normal() * 64) / 4096))
  const count = loraParameterCount(CONFIG, lora)
  return { lora, weights: Float32Array.from({ length: count }, (_, i) => block[(i * 31 + seed) % block.length]!) }
}

export type Popularity = 'zipf' | 'uniform'

/** Requests for many adapters: prompts of 16 to 64 tokens, answers of `answerTokens`. Zipf: the k-th adapter weighs 1 / k. */
export function requests(
  count: number,
  adapters: number,
  popularity: Popularity,
  answerTokens: number,
): AnswerRequest[] {
  const random = seededRandom(popularity === 'zipf' ? 2 : 3)
  let total = 0
  const upTo = Array.from({ length: adapters }, (_, k) => {
    total += popularity === 'zipf' ? 1 / (k + 1) : 1
    return total
  })
  const draw = () => {
    const at = (random.below(2 ** 30) / 2 ** 30) * total
    return upTo.findIndex((sum) => at < sum)
  }
  return Array.from({ length: count }, (_, seed) => ({
    promptTokenIds: Array.from({ length: 16 + random.below(49) }, () => random.below(CONFIG.vocabSize)),
    adapterKey: String(draw()),
    maxTokens: answerTokens,
    sampling: { temperature: 0, topP: 1, seed },
    stop: [],
  }))
}
