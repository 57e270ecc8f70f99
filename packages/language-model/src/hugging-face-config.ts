/**
 * `config.json` of Hugging Face transformers, read into a model's shape and written from it.
 *
 * A file may ask for anything. What would change the numbers and is not computed here is refused by name, and so is
 * every field that is not known, for nobody can say that it changes nothing.
 *
 * @see https://huggingface.co/docs/transformers/model_doc/llama, and the same for mistral, qwen2, qwen3, smollm3
 */
import { MODEL_FAMILIES, type ModelConfig, type ModelFamily, type Projection, type SlidingWindow } from './config.ts'
import { configInvalid, configUnsupported, count, type Fields, fieldsOf, flag, positive } from './config-fields.ts'
import { rotaryTableSize } from './graphs/rotary.ts'
import { parseRotaryScaling, type RotaryScaling, scaledFrequency, toRotaryFields } from './rotary-scaling.ts'

/** What transformers assumes where the file is silent. */
type FamilyDefaults = {
  architecture: string
  maxPositions: number
  ropeTheta: number
  tieWordEmbeddings: boolean
  /** Absent: as many as query heads. */
  kvHeads?: number
  /** Absent: hidden size / heads. */
  headDim?: number
}

const FAMILIES: Record<ModelFamily, FamilyDefaults> = {
  llama: { architecture: 'LlamaForCausalLM', maxPositions: 2048, ropeTheta: 1e4, tieWordEmbeddings: false },
  mistral: {
    architecture: 'MistralForCausalLM',
    maxPositions: 131_072,
    ropeTheta: 1e4,
    tieWordEmbeddings: false,
    kvHeads: 8,
  },
  qwen2: {
    architecture: 'Qwen2ForCausalLM',
    maxPositions: 32_768,
    ropeTheta: 1e4,
    tieWordEmbeddings: false,
    kvHeads: 32,
  },
  qwen3: {
    architecture: 'Qwen3ForCausalLM',
    maxPositions: 32_768,
    ropeTheta: 1e4,
    tieWordEmbeddings: false,
    kvHeads: 32,
    headDim: 128,
  },
  smollm3: {
    architecture: 'SmolLM3ForCausalLM',
    maxPositions: 32_768,
    ropeTheta: 2e6,
    tieWordEmbeddings: true,
    kvHeads: 4,
  },
}

/** Fields that each family's file may set beside those that all have. */
const OWN_FIELDS: Record<ModelFamily, readonly string[]> = {
  llama: ['attention_bias', 'mlp_bias', 'pretraining_tp', 'rope_interleaved', 'is_llama_config'],
  mistral: ['sliding_window'],
  qwen2: ['use_sliding_window', 'sliding_window', 'max_window_layers', 'layer_types', 'use_mrope'],
  qwen3: ['use_sliding_window', 'sliding_window', 'max_window_layers', 'layer_types', 'attention_bias'],
  smollm3: [
    'use_sliding_window',
    'sliding_window',
    'layer_types',
    'attention_bias',
    'mlp_bias',
    'no_rope_layers',
    'no_rope_layer_interval',
    'pretraining_tp',
    'max_window_layers',
  ],
}

/** Read below. */
const READ_FIELDS = [
  'architectures',
  'hidden_size',
  'num_hidden_layers',
  'num_attention_heads',
  'num_key_value_heads',
  'head_dim',
  'intermediate_size',
  'vocab_size',
  'rope_theta',
  'rope_scaling',
  'rope_parameters',
  'rms_norm_eps',
  'tie_word_embeddings',
  'max_position_embeddings',
]

/** Say nothing about the numbers: names, how the file was made, how to sample, how weights are drawn or stored. */
const SILENT_FIELDS = [
  '_name_or_path',
  '_attn_implementation_autoset',
  'attn_implementation',
  'bos_token_id',
  'bad_words_ids',
  'do_sample',
  'dtype',
  'eos_token_id',
  'id2label',
  'initializer_range',
  'is_decoder',
  'label2id',
  'max_length',
  'model_max_length',
  'output_attentions',
  'output_hidden_states',
  'pad_token_id',
  'return_dict',
  'sep_token_id',
  'temperature',
  'tokenizer_class',
  'top_k',
  'top_p',
  'torch_dtype',
  'transformers.js_config',
  'transformers_version',
  'unsloth_fixed',
  'unsloth_version',
  'use_cache',
]

/** Other values would change the numbers, or training's. */
const FIXED_FIELDS: Record<string, readonly unknown[]> = {
  model_type: MODEL_FAMILIES,
  hidden_act: ['silu'],
  attention_dropout: [0],
  rope_interleaved: [false],
  is_llama_config: [true],
  is_encoder_decoder: [false],
  add_cross_attention: [false],
  partial_rotary_factor: [1],
  use_mrope: [false],
}

/**
 * Reads a Hugging Face `config.json`.
 *
 * @throws {LanguageModelError} `model.config_invalid` for a field that is missing or out of range,
 *   `model.config_unsupported` for an architecture or an option that the graphs here do not compute
 */
export function parseModelConfig(json: unknown): ModelConfig {
  const fields = fieldsOf(json, 'config.json')
  const family = refuseUnsupported(fields)
  const defaults = FAMILIES[family]
  const hiddenSize = count(fields, 'hidden_size', 65_536)
  const heads = count(fields, 'num_attention_heads', 1024)
  const layers = count(fields, 'num_hidden_layers', 1024)
  const maxPositions = count(fields, 'max_position_embeddings', 16_777_216, defaults.maxPositions)
  const rotary = rotaryFields(fields)
  const config: ModelConfig = {
    hiddenSize,
    layers,
    heads,
    kvHeads: count(fields, 'num_key_value_heads', heads, kvHeadsWhereSilent(fields, defaults, heads)),
    headDim: count(fields, 'head_dim', 1024, defaults.headDim ?? hiddenSize / heads),
    intermediateSize: count(fields, 'intermediate_size', 1_048_576),
    vocabSize: count(fields, 'vocab_size', 1_048_576),
    ropeTheta: positive(rotary, 'rope_theta', positive(fields, 'rope_theta', defaults.ropeTheta)),
    rmsNormEps: positive(fields, 'rms_norm_eps', 1e-6),
    tieWordEmbeddings: flag(fields, 'tie_word_embeddings', defaults.tieWordEmbeddings),
    maxPositions,
    ...extrasOf(fields, family, { layers, maxPositions }, parseRotaryScaling(rotary, maxPositions)),
  }
  if (heads % config.kvHeads !== 0) throw configInvalid('num_key_value_heads', `a divisor of ${heads}`, config.kvHeads)
  if (config.headDim % 2 !== 0) throw configInvalid('head_dim', 'an even number', config.headDim)
  requireRotaryTables(config)
  return config
}

/** The `config.json` that Hugging Face transformers loads as the model's own family. */
export function toHuggingFaceConfig(config: ModelConfig, tokens: { bosId: number; eosId: number }): object {
  const family = config.family ?? 'llama'
  return {
    architectures: [FAMILIES[family].architecture],
    ...(family !== 'mistral' && family !== 'qwen2' && { attention_bias: config.biases?.includes('q') ?? false }),
    attention_dropout: 0,
    bos_token_id: tokens.bosId,
    eos_token_id: tokens.eosId,
    head_dim: config.headDim,
    hidden_act: 'silu',
    hidden_size: config.hiddenSize,
    initializer_range: 0.02,
    intermediate_size: config.intermediateSize,
    max_position_embeddings: config.maxPositions,
    ...(hasMlpBias(family) && { mlp_bias: config.biases?.includes('gate') ?? false }),
    model_type: family,
    ...(family === 'smollm3' && {
      no_rope_layers: layerList(config, (layer) => (config.unrotatedLayers?.includes(layer) ? 0 : 1)),
    }),
    num_attention_heads: config.heads,
    num_hidden_layers: config.layers,
    num_key_value_heads: config.kvHeads,
    ...(family === 'llama' && { pretraining_tp: 1 }),
    rms_norm_eps: config.rmsNormEps,
    rope_scaling: config.rotaryScaling === undefined ? null : toRotaryFields(config.rotaryScaling),
    rope_theta: config.ropeTheta,
    ...windowFields(config, family),
    tie_word_embeddings: config.tieWordEmbeddings,
    torch_dtype: 'float16',
    use_cache: true,
    vocab_size: config.vocabSize,
  }
}

function refuseUnsupported(fields: Fields): ModelFamily {
  for (const [field, allowed] of Object.entries(FIXED_FIELDS)) {
    const value = fields[field] ?? undefined
    if (value === undefined && field !== 'model_type') continue
    if (!allowed.includes(value)) throw configUnsupported(field, value)
  }
  const family = fields.model_type as ModelFamily
  const known = new Set([...READ_FIELDS, ...SILENT_FIELDS, ...OWN_FIELDS[family], ...Object.keys(FIXED_FIELDS)])
  for (const [field, value] of Object.entries(fields)) {
    if (!known.has(field) && (value ?? null) !== null) throw configUnsupported(field, value)
  }
  const { architectures } = fields
  if (architectures !== undefined && architectures !== null) {
    const isKnown = Array.isArray(architectures) && architectures.length === 1
    if (!isKnown || architectures[0] !== FAMILIES[family].architecture) {
      throw configUnsupported('architectures', architectures)
    }
  }
  return family
}

/** Only an absent field has the family's number; null means one for each query head. */
function kvHeadsWhereSilent(fields: Fields, defaults: FamilyDefaults, heads: number): number {
  return fields.num_key_value_heads === null ? heads : (defaults.kvHeads ?? heads)
}

/** Newer files keep all about rotation in `rope_parameters`; older ones scaling in `rope_scaling`, the base beside it. */
function rotaryFields(fields: Fields): Fields {
  const nested = (['rope_parameters', 'rope_scaling'] as const).filter((name) => (fields[name] ?? null) !== null)
  if (nested.length > 1) throw configUnsupported('rope_scaling', 'beside rope_parameters')
  return nested.length === 0 ? {} : fieldsOf(fields[nested[0]!], nested[0]!)
}

function extrasOf(
  fields: Fields,
  family: ModelFamily,
  model: { layers: number; maxPositions: number },
  rotaryScaling: RotaryScaling | undefined,
): Partial<ModelConfig> {
  const biases = biasesOf(fields, family)
  const slidingWindow = slidingWindowOf(fields, family, model)
  const unrotatedLayers = family === 'smollm3' ? unrotatedLayersOf(fields, model.layers) : []
  return {
    ...(family !== 'llama' && { family }),
    ...(biases.length > 0 && { biases }),
    ...(family === 'qwen3' && { hasHeadNorms: true as const }),
    ...(rotaryScaling !== undefined && { rotaryScaling }),
    ...(slidingWindow !== undefined && { slidingWindow }),
    ...(unrotatedLayers.length > 0 && { unrotatedLayers }),
  }
}

function biasesOf(fields: Fields, family: ModelFamily): Projection[] {
  if (family === 'qwen2') return ['q', 'k', 'v']
  const attention: Projection[] = flag(fields, 'attention_bias', false) ? ['q', 'k', 'v', 'o'] : []
  const mlp: Projection[] = flag(fields, 'mlp_bias', false) ? ['gate', 'up', 'down'] : []
  return [...attention, ...mlp]
}

function hasMlpBias(family: ModelFamily): boolean {
  return family === 'llama' || family === 'smollm3'
}

/** Undefined where no token is too far away to be seen. */
function slidingWindowOf(
  fields: Fields,
  family: ModelFamily,
  { layers, maxPositions }: { layers: number; maxPositions: number },
): SlidingWindow | undefined {
  if (family === 'llama') return undefined
  // Absent and null differ: an absent one has the default of the family.
  const silent = family === 'smollm3' ? null : 4096
  const given = fields.sliding_window === undefined ? silent : fields.sliding_window
  const isUsed = family === 'mistral' || flag(fields, 'use_sliding_window', false)
  const windowed = layerTypes(fields, layers)
  if (given === null || !isUsed) {
    if (windowed !== undefined && windowed.length > 0) throw configUnsupported('layer_types', fields.layer_types)
    return undefined
  }
  const tokens = count({ sliding_window: given }, 'sliding_window', 16_777_216)
  const own = windowed ?? windowedWhereSilent(fields, family, layers)
  return tokens < maxPositions && own.length > 0 ? { tokens, layers: own } : undefined
}

function windowedWhereSilent(fields: Fields, family: ModelFamily, layers: number): number[] {
  const all = Array.from({ length: layers }, (_, layer) => layer)
  if (family === 'mistral') return all
  if (family === 'smollm3') return unrotatedLayersOf(fields, layers)
  const first = fields.max_window_layers === 0 ? 0 : count(fields, 'max_window_layers', 16_777_216, 28)
  return all.filter((layer) => layer >= first)
}

/** The layers that `layer_types` calls sliding; undefined where there is no such field. */
function layerTypes(fields: Fields, layers: number): number[] | undefined {
  const types = fields.layer_types ?? undefined
  if (types === undefined) return undefined
  if (!Array.isArray(types) || types.length !== layers) throw configInvalid('layer_types', `a list of ${layers}`, types)
  const strange = types.find((type) => type !== 'full_attention' && type !== 'sliding_attention')
  if (strange !== undefined) throw configUnsupported('layer_types', strange)
  return types.flatMap((type, layer) => (type === 'sliding_attention' ? [layer] : []))
}

/** SmolLM3 marks each layer: 1 where it rotates, in spite of the field's name. */
function unrotatedLayersOf(fields: Fields, layers: number): number[] {
  const marks = fields.no_rope_layers ?? undefined
  if (marks === undefined) {
    const interval = count(fields, 'no_rope_layer_interval', 1024, 4)
    return Array.from({ length: layers }, (_, layer) => layer).filter((layer) => (layer + 1) % interval === 0)
  }
  if (!Array.isArray(marks) || marks.length !== layers || !marks.every((mark) => mark === 0 || mark === 1)) {
    throw configInvalid('no_rope_layers', `a list of ${layers} zeros and ones`, marks)
  }
  return marks.flatMap((mark, layer) => (mark === 0 ? [layer] : []))
}

function windowFields(config: ModelConfig, family: ModelFamily): Record<string, unknown> {
  const window = config.slidingWindow
  if (family === 'llama') return {}
  if (family === 'mistral') return { sliding_window: window?.tokens ?? null }
  return {
    layer_types: layerList(config, (layer) => `${window?.layers.includes(layer) ? 'sliding' : 'full'}_attention`),
    sliding_window: window?.tokens ?? null,
    use_sliding_window: window !== undefined,
  }
}

function layerList<T>(config: ModelConfig, of: (layer: number) => T): T[] {
  return Array.from({ length: config.layers }, (_, layer) => of(layer))
}

/** Refuses angles that are no numbers and tables that no context needs, before anybody builds them. */
function requireRotaryTables(config: ModelConfig): void {
  const { headDim, maxPositions, ropeTheta, rotaryScaling } = config
  if (rotaryTableSize(config) > 2 ** 26) throw configUnsupported('max_position_embeddings', maxPositions)
  if (rotaryScaling?.kind === 'yarn' && ropeTheta <= 1) throw configInvalid('rope_theta', 'above 1', ropeTheta)
  for (let pair = 0; pair < headDim / 2; pair++) {
    const plain = ropeTheta ** ((-2 * pair) / headDim)
    const frequency = rotaryScaling ? scaledFrequency(rotaryScaling, pair, plain, config) : plain
    if (!Number.isFinite(frequency)) throw configInvalid('rope_theta', 'a base of finite angles', ropeTheta)
  }
}
