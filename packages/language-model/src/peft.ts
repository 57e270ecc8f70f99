/**
 * Adapters as Hugging Face PEFT writes them: `adapter_config.json` and `adapter_model.safetensors`.
 *
 * @see https://huggingface.co/docs/peft/developer_guides/checkpoint
 */
import { type ModelConfig, PROJECTIONS, type Projection } from './config.ts'
import { describeValue } from './describe-value.ts'
import { LanguageModelError } from './error.ts'
import {
  type AdapterWeights,
  type LoraConfig,
  type LoraParameter,
  loraMatrix,
  loraParameterCount,
  loraParameters,
  requireAdapter,
} from './lora.ts'
import {
  readSafetensors,
  type StoredTensor,
  storeTensor,
  type TensorDtype,
  toFiniteFloat32,
  writeSafetensors,
} from './safetensors.ts'
import { PROJECTION_MODULE } from './weights.ts'

/** The `adapter_config.json` of an adapter; `base` is what PEFT looks the base model up by. */
export function toPeftConfig(lora: LoraConfig, base: string): Record<string, unknown> {
  return {
    base_model_name_or_path: base,
    bias: 'none',
    fan_in_fan_out: false,
    inference_mode: true,
    init_lora_weights: true,
    lora_alpha: lora.alpha,
    lora_dropout: 0,
    modules_to_save: null,
    peft_type: 'LORA',
    r: lora.rank,
    target_modules: PROJECTIONS.filter((name) => lora.targets.includes(name)).map(moduleOf),
    task_type: 'CAUSAL_LM',
    use_dora: false,
    use_rslora: lora.isRankStabilised ?? false,
  }
}

const READ_FIELDS = ['r', 'lora_alpha', 'target_modules', 'use_rslora']

/** Say nothing about what a trained adapter computes: names, how it was drawn and trained. */
const SILENT_FIELDS = [
  'base_model_name_or_path',
  'inference_mode',
  'init_lora_weights',
  'lora_dropout', // a trained adapter drops nothing
  'megatron_core',
  'peft_version',
  'qalora_group_size', // counts with use_qalora alone
  'revision',
  'runtime_config',
  'task_type',
]

/** The only values that are computed, beside null, false and nothing. */
const FIXED_FIELDS: Record<string, readonly unknown[]> = {
  peft_type: ['LORA'],
  bias: ['none'],
  task_type: ['CAUSAL_LM'],
}

/**
 * Reads an `adapter_config.json`.
 *
 * @throws {LanguageModelError} `adapter.config_invalid`, or `adapter.config_unsupported` for what would change the
 *   computation and is not done here (DoRA, biases, patterns of ranks, single layers), and for every field that is not
 *   known, for nobody can say that it changes nothing
 */
export function parsePeftConfig(json: unknown): LoraConfig {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw invalid('file', json)
  const fields = json as Record<string, unknown>
  for (const [field, value] of Object.entries(fields)) {
    if (READ_FIELDS.includes(field) || SILENT_FIELDS.includes(field)) continue
    const isAbsent = value === null || value === false || (typeof value === 'object' && Object.keys(value).length === 0)
    const isAllowed = Object.hasOwn(FIXED_FIELDS, field) && FIXED_FIELDS[field]!.includes(value)
    if (!isAbsent && !isAllowed) throw unsupported(field, value)
  }
  if (fields.peft_type !== 'LORA') throw unsupported('peft_type', fields.peft_type)
  const isRankStabilised = fields.use_rslora ?? false
  if (typeof isRankStabilised !== 'boolean') throw invalid('use_rslora', isRankStabilised)
  const { r: rank, lora_alpha: alpha, target_modules: modules } = fields
  if (!Number.isInteger(rank) || (rank as number) < 1 || (rank as number) > 256) throw invalid('r', rank)
  if (typeof alpha !== 'number' || !Number.isFinite(alpha) || alpha <= 0) throw invalid('lora_alpha', alpha)
  if (!Array.isArray(modules) || modules.length === 0) throw invalid('target_modules', modules)
  const targets = PROJECTIONS.filter((name) => modules.includes(moduleOf(name)))
  if (targets.length !== new Set(modules).size) throw unsupported('target_modules', modules)
  return { rank: rank as number, alpha, targets, ...(isRankStabilised && { isRankStabilised }) }
}

/** Writes an `adapter_model.safetensors`; F32 keeps every bit. */
export function writePeftWeights(
  config: ModelConfig,
  lora: LoraConfig,
  adapter: AdapterWeights,
  dtype: TensorDtype = 'F32',
): Uint8Array {
  requireAdapter(config, lora, adapter)
  const tensors = new Map<string, StoredTensor>()
  for (const parameter of loraParameters(config, lora)) {
    const [rows, columns] = parameter.shape
    const transposed = transpose(loraMatrix(adapter, parameter), rows, columns)
    tensors.set(peftName(parameter), storeTensor(transposed, [columns, rows], dtype))
  }
  return writeSafetensors(tensors)
}

/**
 * Reads an `adapter_model.safetensors`.
 *
 * @throws {LanguageModelError} `adapter.weights_mismatch` unless it holds exactly the matrices that `lora` describes;
 *   or an error of the safetensors reader
 */
export function readPeftWeights(config: ModelConfig, lora: LoraConfig, file: Uint8Array): AdapterWeights {
  const { tensors } = readSafetensors(file)
  const adapter = new Float32Array(loraParameterCount(config, lora))
  const parameters = loraParameters(config, lora)
  for (const parameter of parameters) {
    const [rows, columns] = parameter.shape
    const name = peftName(parameter)
    const tensor = tensors.get(name)
    if (tensor?.shape.join() !== `${columns},${rows}`) {
      throw new LanguageModelError(
        'adapter.weights_mismatch',
        'The adapter does not have the matrices that it should.',
        {
          facts: { tensor: name, shape: tensor?.shape.join(' x ') ?? 'missing', expected: `${columns} x ${rows}` },
          nextStep: 'Use the adapter with the base model and the adapter_config.json that it was trained with.',
        },
      )
    }
    adapter.set(transpose(toFiniteFloat32(name, tensor), columns, rows), parameter.offset)
  }
  if (tensors.size !== parameters.length) {
    throw new LanguageModelError(
      'adapter.weights_mismatch',
      'The adapter has tensors that its configuration does not.',
      {
        facts: { tensors: tensors.size, expected: parameters.length },
        nextStep: 'Use the adapter_config.json that the adapter was saved with.',
      },
    )
  }
  return adapter
}

function moduleOf(projection: Projection): string {
  return PROJECTION_MODULE[projection].split('.')[1]!
}

function peftName({ layer, projection, matrix }: LoraParameter): string {
  return `base_model.model.model.layers.${layer}.${PROJECTION_MODULE[projection]}.lora_${matrix}.weight`
}

/** [rows, columns] → [columns, rows] */
function transpose(values: Float32Array, rows: number, columns: number): Float32Array {
  const transposed = new Float32Array(values.length)
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      transposed[column * rows + row] = values[row * columns + column]!
    }
  }
  return transposed
}

function invalid(field: string, value: unknown): LanguageModelError {
  return new LanguageModelError('adapter.config_invalid', `The adapter_config.json has no valid ${field}.`, {
    facts: { field, value: describeValue(value) },
    nextStep: 'Save the adapter again with PEFT.',
  })
}

function unsupported(field: string, value: unknown): LanguageModelError {
  return new LanguageModelError('adapter.config_unsupported', `Adapters with this ${field} are not computed here.`, {
    facts: { field, value: describeValue(value) },
    nextStep: 'Train a plain LoRA adapter on the attention and MLP projections.',
  })
}
