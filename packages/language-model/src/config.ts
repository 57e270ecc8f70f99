/**
 * The shape of a LLaMA-architecture decoder (RMSNorm, rotary positions, grouped-query attention, SwiGLU), read from and
 * written to the `config.json` of Hugging Face transformers. Left out, and refused rather than ignored: biases, rotary
 * scaling, sliding windows.
 */
import { LanguageModelError } from './error.ts'

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

/**
 * Reads a Hugging Face `config.json`.
 *
 * @throws {LanguageModelError} `model.config_invalid` for a field that is missing or out of range,
 *   `model.config_unsupported` for an architecture or an option that the graphs here do not compute
 */
export function parseModelConfig(json: unknown): ModelConfig {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw invalid('config.json', 'an object', json)
  }
  const fields = json as Record<string, unknown>
  refuseUnsupported(fields)
  const hiddenSize = count(fields, 'hidden_size', 65_536)
  const heads = count(fields, 'num_attention_heads', 1024)
  const config: ModelConfig = {
    hiddenSize,
    layers: count(fields, 'num_hidden_layers', 1024),
    heads,
    kvHeads: count(fields, 'num_key_value_heads', heads, heads),
    headDim: count(fields, 'head_dim', 1024, hiddenSize / heads),
    intermediateSize: count(fields, 'intermediate_size', 1_048_576),
    vocabSize: count(fields, 'vocab_size', 1_048_576),
    ropeTheta: positive(ropeParameters(fields), 'rope_theta', 10_000),
    rmsNormEps: positive(fields, 'rms_norm_eps', 1e-6),
    tieWordEmbeddings: flag(fields, 'tie_word_embeddings', false),
    maxPositions: count(fields, 'max_position_embeddings', 16_777_216, 2048),
  }
  if (heads % config.kvHeads !== 0) throw invalid('num_key_value_heads', `a divisor of ${heads}`, config.kvHeads)
  if (config.headDim % 2 !== 0) throw invalid('head_dim', 'an even number', config.headDim)
  return config
}

/** The `config.json` that Hugging Face transformers loads as `LlamaForCausalLM`. */
export function toHuggingFaceConfig(config: ModelConfig, tokens: { bosId: number; eosId: number }): object {
  return {
    architectures: ['LlamaForCausalLM'],
    attention_bias: false,
    attention_dropout: 0,
    bos_token_id: tokens.bosId,
    eos_token_id: tokens.eosId,
    head_dim: config.headDim,
    hidden_act: 'silu',
    hidden_size: config.hiddenSize,
    initializer_range: 0.02,
    intermediate_size: config.intermediateSize,
    max_position_embeddings: config.maxPositions,
    mlp_bias: false,
    model_type: 'llama',
    num_attention_heads: config.heads,
    num_hidden_layers: config.layers,
    num_key_value_heads: config.kvHeads,
    pretraining_tp: 1,
    rms_norm_eps: config.rmsNormEps,
    rope_scaling: null,
    rope_theta: config.ropeTheta,
    tie_word_embeddings: config.tieWordEmbeddings,
    torch_dtype: 'float16',
    use_cache: true,
    vocab_size: config.vocabSize,
  }
}

function refuseUnsupported(fields: Record<string, unknown>): void {
  const expected: Record<string, readonly unknown[]> = {
    model_type: ['llama'],
    hidden_act: [undefined, 'silu'],
    attention_bias: [undefined, false],
    mlp_bias: [undefined, false],
    rope_scaling: [undefined, null],
    sliding_window: [undefined, null],
    quantization_config: [undefined, null],
  }
  for (const [field, allowed] of Object.entries(expected)) {
    if (!allowed.includes(fields[field])) throw unsupported(field, fields[field])
  }
  const ropeType = ropeParameters(fields).rope_type
  if (ropeType !== undefined && ropeType !== 'default') throw unsupported('rope_parameters.rope_type', ropeType)
}

/** Newer files keep the rotary base under `rope_parameters`, older ones beside the rest. */
function ropeParameters(fields: Record<string, unknown>): Record<string, unknown> {
  const nested = fields.rope_parameters
  return typeof nested === 'object' && nested !== null ? (nested as Record<string, unknown>) : fields
}

function count(fields: Record<string, unknown>, field: string, max: number, fallback?: number): number {
  const value = fields[field] ?? fallback
  if (!Number.isInteger(value) || (value as number) < 1 || (value as number) > max) {
    throw invalid(field, `an integer from 1 to ${max}`, value)
  }
  return value as number
}

function positive(fields: Record<string, unknown>, field: string, fallback: number): number {
  const value = fields[field] ?? fallback
  if (typeof value !== 'number' || !Number.isFinite(value) || value <= 0)
    throw invalid(field, 'a number above 0', value)
  return value
}

function flag(fields: Record<string, unknown>, field: string, fallback: boolean): boolean {
  const value = fields[field] ?? fallback
  if (typeof value !== 'boolean') throw invalid(field, 'true or false', value)
  return value
}

function invalid(field: string, expected: string, value: unknown): LanguageModelError {
  return new LanguageModelError('model.config_invalid', `The model's ${field} is not ${expected}.`, {
    facts: { field, expected, value: String(JSON.stringify(value)).slice(0, 200) },
    nextStep: 'Use the config.json that belongs to the model.',
  })
}

function unsupported(field: string, value: unknown): LanguageModelError {
  return new LanguageModelError('model.config_unsupported', `The model's ${field} is one that is not computed here.`, {
    facts: { field, value: String(JSON.stringify(value)).slice(0, 200) },
    nextStep: 'Choose a LLaMA model without biases, rotary scaling or sliding windows.',
  })
}
