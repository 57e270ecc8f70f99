/** A model's weights by their Hugging Face names, in Hugging Face's layout: a linear map is `[out, in]`. */
import { type ModelConfig, PROJECTIONS, type Projection, projectionSize } from './config.ts'
import { LanguageModelError } from './error.ts'
import { seededRandom } from './random.ts'
import {
  readSafetensors,
  type StoredTensor,
  storeTensor,
  type TensorDtype,
  toFiniteFloat32,
  writeSafetensors,
} from './safetensors.ts'

export type ModelWeights = ReadonlyMap<string, Float32Array>

export const EMBEDDING = 'model.embed_tokens.weight'
export const FINAL_NORM = 'model.norm.weight'
export const HEAD = 'lm_head.weight'

/** Hugging Face's name of a projection within its layer. */
export const PROJECTION_MODULE: Record<Projection, string> = {
  q: 'self_attn.q_proj',
  k: 'self_attn.k_proj',
  v: 'self_attn.v_proj',
  o: 'self_attn.o_proj',
  gate: 'mlp.gate_proj',
  up: 'mlp.up_proj',
  down: 'mlp.down_proj',
}

export function projectionName(layer: number, projection: Projection): string {
  return `model.layers.${layer}.${PROJECTION_MODULE[projection]}.weight`
}

export function normName(layer: number, place: 'attention' | 'mlp'): string {
  return `model.layers.${layer}.${place === 'attention' ? 'input_layernorm' : 'post_attention_layernorm'}.weight`
}

/** Hugging Face's name of a projection's bias. */
export function biasName(layer: number, projection: Projection): string {
  return `model.layers.${layer}.${PROJECTION_MODULE[projection]}.bias`
}

/** Hugging Face's name of the gain that queries or keys are normalised with, one head at a time. */
export function headNormName(layer: number, part: 'q' | 'k'): string {
  return `model.layers.${layer}.self_attn.${part}_norm.weight`
}

export type ParameterShape = { name: string; shape: readonly number[] }

/** Every weight of a model with its shape, in the order in which training lays them out in one vector. */
export function modelParameters(config: ModelConfig): ParameterShape[] {
  const { hiddenSize, vocabSize } = config
  const parameters: ParameterShape[] = [{ name: EMBEDDING, shape: [vocabSize, hiddenSize] }]
  for (let layer = 0; layer < config.layers; layer++) {
    parameters.push({ name: normName(layer, 'attention'), shape: [hiddenSize] })
    parameters.push({ name: normName(layer, 'mlp'), shape: [hiddenSize] })
    if (config.hasHeadNorms) {
      for (const part of ['q', 'k'] as const) {
        parameters.push({ name: headNormName(layer, part), shape: [config.headDim] })
      }
    }
    for (const projection of PROJECTIONS) {
      const size = projectionSize(config, projection)
      parameters.push({ name: projectionName(layer, projection), shape: [size.out, size.in] })
      if (config.biases?.includes(projection)) parameters.push({ name: biasName(layer, projection), shape: [size.out] })
    }
  }
  parameters.push({ name: FINAL_NORM, shape: [hiddenSize] })
  if (!config.tieWordEmbeddings) parameters.push({ name: HEAD, shape: [vocabSize, hiddenSize] })
  return parameters
}

export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, dim) => product * dim, 1)
}

/** Number of weights. */
export function parameterCount(config: ModelConfig): number {
  return modelParameters(config).reduce((sum, { shape }) => sum + elementCount(shape), 0)
}

/**
 * Initial weights as GPT-2 and LLaMA draw them: normal with standard deviation 0.02, the two maps that write into the
 * residual stream divided by sqrt(2 · layers), gains of 1, biases of 0.
 */
export function randomWeights(config: ModelConfig, seed: number, deviation = 0.02): ModelWeights {
  const random = seededRandom(seed)
  const weights = new Map<string, Float32Array>()
  for (const { name, shape } of modelParameters(config)) {
    const values = new Float32Array(elementCount(shape))
    const writesResidual = name.includes('o_proj') || name.includes('down_proj')
    const scale = writesResidual ? deviation / Math.sqrt(2 * config.layers) : deviation
    if (shape.length === 1) values.fill(name.endsWith('.bias') ? 0 : 1)
    else for (let i = 0; i < values.length; i++) values[i] = random.normal() * scale
    weights.set(name, values)
  }
  return weights
}

/**
 * Reads a `model.safetensors`.
 *
 * @throws {LanguageModelError} `model.weights_mismatch` unless it holds exactly the weights that `config` describes;
 *   or an error of the safetensors reader
 */
export function readModelWeights(config: ModelConfig, file: Uint8Array): ModelWeights {
  return weightsOfTensors(config, readSafetensors(file).tensors)
}

/**
 * The weights of a model from all tensors of its files.
 *
 * @throws {LanguageModelError} `model.weights_mismatch`, `safetensors.value_invalid`
 */
export function weightsOfTensors(config: ModelConfig, tensors: ReadonlyMap<string, StoredTensor>): ModelWeights {
  const parameters = modelParameters(config)
  // All shapes first: what does not fit is known before anything is converted.
  for (const { name, shape } of parameters) {
    const tensor = tensors.get(name)
    if (tensor === undefined) throw mismatch('A weight is missing.', { weight: name })
    if (tensor.shape.join() !== shape.join()) {
      throw mismatch('A weight has another shape than config.json says.', {
        weight: name,
        shape: tensor.shape.join(' x '),
        expected: shape.join(' x '),
      })
    }
  }
  const names = new Set(parameters.map(({ name }) => name))
  const unknown = [...tensors.keys()].find((name) => !names.has(name) && !isRedundant(config, tensors, name))
  if (unknown !== undefined) {
    throw mismatch('The file has a weight that the model does not.', { weight: unknown.slice(0, 100) })
  }
  return new Map(parameters.map(({ name }) => [name, toFiniteFloat32(name, tensors.get(name)!)]))
}

/** What some files repeat: a tied head that equals the embedding, and the rotary frequencies that config.json gives. */
function isRedundant(config: ModelConfig, tensors: ReadonlyMap<string, StoredTensor>, name: string): boolean {
  if (/^model\.layers\.\d+\.self_attn\.rotary_emb\.inv_freq$/.test(name)) return true
  if (name !== HEAD || !config.tieWordEmbeddings) return false
  const [head, embedding] = [tensors.get(HEAD)!, tensors.get(EMBEDDING)!]
  return head.dtype === embedding.dtype && Buffer.compare(head.bytes, embedding.bytes) === 0
}

/** Writes a `model.safetensors` that Hugging Face transformers reads. */
export function writeModelWeights(config: ModelConfig, weights: ModelWeights, dtype: TensorDtype): Uint8Array {
  const tensors = modelParameters(config).map(
    ({ name, shape }) => [name, storeTensor(weightOf(weights, name), shape, dtype)] as const,
  )
  return writeSafetensors(new Map(tensors))
}

/** All weights as one vector, in the order of `modelParameters`. */
export function vectorOfWeights(config: ModelConfig, weights: ModelWeights): Float32Array {
  const vector = new Float32Array(parameterCount(config))
  let offset = 0
  for (const { name } of modelParameters(config)) {
    const values = weightOf(weights, name)
    vector.set(values, offset)
    offset += values.length
  }
  return vector
}

/** The inverse of `vectorOfWeights`; the weights are views into `vector`. */
export function weightsOfVector(config: ModelConfig, vector: Float32Array): ModelWeights {
  requireVector(config, vector)
  const weights = new Map<string, Float32Array>()
  let offset = 0
  for (const { name, shape } of modelParameters(config)) {
    const length = elementCount(shape)
    weights.set(name, vector.subarray(offset, offset + length))
    offset += length
  }
  return weights
}

/** @throws {LanguageModelError} `model.weights_mismatch` unless the vector has one float for each weight */
export function requireVector(config: ModelConfig, vector: Float32Array): void {
  if (vector.length === parameterCount(config)) return
  throw mismatch('The weights are not as many as the model has.', {
    weights: String(vector.length),
    expected: String(parameterCount(config)),
  })
}

export function weightOf(weights: ModelWeights, name: string): Float32Array {
  const values = weights.get(name)
  if (values === undefined) throw mismatch('A weight is missing.', { weight: name })
  return values
}

function mismatch(message: string, facts: Record<string, string>): LanguageModelError {
  return new LanguageModelError('model.weights_mismatch', message, {
    facts,
    nextStep: 'Use the config.json and model.safetensors of the same model.',
  })
}
