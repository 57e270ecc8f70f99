/** A model small enough to serve in milliseconds, wide enough that the vector kernels' tails come into play. */
import {
  type Adapter,
  loraParameterCount,
  type ModelConfig,
  randomWeights,
  seededRandom,
} from '@openledger/language-model'
import { ByteVocabulary, Constraint } from '../engine/constraint/constraint.ts'
import { jsonSchemaGrammar } from '../engine/constraint/json-schema.ts'
import type { Spelling } from '../engine/generation-batch.ts'
import type { AnswerRequest } from '../engine/request.ts'
import { ServingModel } from '../engine/serving-model.ts'

export const TINY: ModelConfig = {
  hiddenSize: 48,
  layers: 2,
  heads: 4,
  kvHeads: 2,
  headDim: 12,
  intermediateSize: 80,
  vocabSize: 300,
  ropeTheta: 10_000,
  rmsNormEps: 1e-5,
  tieWordEmbeddings: true,
  maxPositions: 256,
}

export const TINY_SHAPE = { rank: 4, targets: ['q', 'k', 'v', 'o', 'gate', 'up', 'down'] } as const

export function openTinyModel(): Promise<ServingModel> {
  return ServingModel.open({ config: TINY, weights: randomWeights(TINY, 7, 0.2), shape: TINY_SHAPE, threads: 1 })
}

/** Adapters of different ranks and targets, strong enough to change what is said. */
export function tinyAdapter(seed: number): Adapter {
  const lora =
    seed % 2 === 0
      ? ({ rank: 4, alpha: 8, targets: ['q', 'v', 'o'] } as const)
      : ({ rank: 2, alpha: 2, targets: ['q', 'k', 'v', 'o', 'gate', 'up', 'down'] } as const)
  const random = seededRandom(seed)
  const weights = Float32Array.from({ length: loraParameterCount(TINY, lora) }, () => random.normal() * 0.25)
  return { lora, weights }
}

const bytesOf = (tokenId: number) => (tokenId < 299 ? Uint8Array.of(tokenId & 0xff) : null)
const vocabulary = new ByteVocabulary(Array.from({ length: TINY.vocabSize }, (_, id) => bytesOf(id)))

/** One character a token; 299 ends a text. Held to a schema, tokens stand for the bytes of their ids. */
export const TINY_SPELLING: Spelling = {
  decode: (tokenIds) => tokenIds.map((id) => String.fromCharCode(0x100 + id)).join(''),
  endIds: [299],
  constraintOf: (schema) => new Constraint(jsonSchemaGrammar(schema), vocabulary, [299]),
}

export function tinyRequest(seed: number, changes: Partial<AnswerRequest> = {}): AnswerRequest {
  const random = seededRandom(seed)
  return {
    promptTokenIds: Array.from({ length: 1 + random.below(90) }, () => random.below(299)),
    adapterKey: null,
    maxTokens: 12 + random.below(20),
    sampling: { temperature: seed % 3 === 0 ? 0 : 0.9, topP: seed % 3 === 1 ? 0.8 : 1, seed },
    stop: [],
    ...changes,
  }
}
