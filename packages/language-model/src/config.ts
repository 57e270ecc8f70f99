/** The shape of a LLaMA-architecture decoder: RMSNorm, rotary positions, grouped-query attention, SwiGLU. */
import type { RotaryScaling } from './rotary-scaling.ts'

/** The seven linear maps of one layer, in the order in which parameters are listed everywhere. */
export const PROJECTIONS = ['q', 'k', 'v', 'o', 'gate', 'up', 'down'] as const
export type Projection = (typeof PROJECTIONS)[number]

export type ModelConfig = {
  hiddenSize: number
  layers: number
  /** Query heads. */
  heads: number
  /** Key and value heads; divides `heads`. */
  kvHeads: number
  headDim: number
  intermediateSize: number
  vocabSize: number
  ropeTheta: number
  rmsNormEps: number
  /** Whether the output head is the embedding, transposed. */
  tieWordEmbeddings: boolean
  /** Tokens of context that the model was trained for. */
  maxPositions: number
  /** Whose modelling code of transformers the model is for; absent: LLaMA's. The graphs follow from the rest alone. */
  family?: Exclude<ModelFamily, 'llama'>
  /** Projections with a bias, in their order; absent: none. */
  biases?: readonly Projection[]
  /** Queries and keys are normalised head by head before they are rotated (Qwen3). */
  hasHeadNorms?: true
  /** How the rotary angles are stretched; absent: not at all. */
  rotaryScaling?: RotaryScaling
  /** Absent: every token sees all that came before it. */
  slidingWindow?: SlidingWindow
  /** Layers whose queries and keys are not rotated (SmolLM3); absent: none. */
  unrotatedLayers?: readonly number[]
}

export const MODEL_FAMILIES = ['llama', 'mistral', 'qwen2', 'qwen3', 'smollm3'] as const
export type ModelFamily = (typeof MODEL_FAMILIES)[number]

export type SlidingWindow = {
  /** A token sees so many tokens: itself and those right before it. Shorter than the context. */
  tokens: number
  /** The layers that see no further, ascending. */
  layers: readonly number[]
}

/** Width of the input and of the output of a projection: `y[out] = W[out, in] · x[in]`. */
export function projectionSize(config: ModelConfig, projection: Projection): { in: number; out: number } {
  const { hiddenSize, intermediateSize } = config
  const queries = config.heads * config.headDim
  const keys = config.kvHeads * config.headDim
  switch (projection) {
    case 'q':
      return { in: hiddenSize, out: queries }
    case 'k':
    case 'v':
      return { in: hiddenSize, out: keys }
    case 'o':
      return { in: queries, out: hiddenSize }
    case 'gate':
    case 'up':
      return { in: hiddenSize, out: intermediateSize }
    case 'down':
      return { in: intermediateSize, out: hiddenSize }
  }
}
