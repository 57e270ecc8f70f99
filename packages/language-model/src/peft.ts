/**
 * Adapters as Hugging Face PEFT writes them: `adapter_config.json` and `adapter_model.safetensors`.
 *
 * @see https://huggingface.co/docs/peft/developer_guides/checkpoint
 */
import { type ModelConfig, PROJECTIONS, type Projection } from './config.ts'
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
  toFloat32,
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
    use_rslora: false,
  }
}

/**
 * Reads an `adapter_config.json`.
 *
 * @throws {LanguageModelError} `adapter.config_invalid`, or `adapter.config_unsupported` for what would change the
 *   computation and is not done here (DoRA, rsLoRA, biases, patterns of ranks)
 */
export function parsePeftConfig(json: unknown): LoraConfig {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw invalid('file', json)
  const fields = json as Record<string, unknown>
  const absent = [undefined, null, false]
  const allowed: Record<string, readonly unknown[]> = {
    peft_type: ['LORA'],
    bias: [undefined, 'none'],
    use_dora: absent,
    use_rslora: absent,
    fan_in_fan_out: absent,
    modules_to_save: absent,
    layers_to_transform: absent,
  }
  for (const [field, values] of Object.entries(allowed)) {
    if (!values.includes(fields[field])) throw unsupported(field, fields[field])
  }
  for (const field of ['rank_pattern', 'alpha_pattern']) {
    if (Object.keys(fields[field] ?? {}).length > 0) throw unsupported(field, fields[field])
  }
  const { r: rank, lora_alpha: alpha, target_modules: modules } = fields
  if (!Number.isInteger(rank) || (rank as number) < 1 || (rank as number) > 256) throw invalid('r', rank)
  if (typeof alpha !== 'number' || !Number.isFinite(alpha) || alpha <= 0) throw invalid('lora_alpha', alpha)
  if (!Array.isArray(modules) || modules.length === 0) throw invalid('target_modules', modules)
  const targets = PROJECTIONS.filter((name) => modules.includes(moduleOf(name)))
  if (targets.length !== new Set(modules).size) throw unsupported('target_modules', modules)
  return { rank: rank as number, alpha, targets }
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
    adapter.set(transpose(toFloat32(tensor), columns, rows), parameter.offset)
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
    facts: { field, value: String(JSON.stringify(value)).slice(0, 200) },
    nextStep: 'Save the adapter again with PEFT.',
  })
}

function unsupported(field: string, value: unknown): LanguageModelError {
  return new LanguageModelError('adapter.config_unsupported', `Adapters with this ${field} are not computed here.`, {
    facts: { field, value: String(JSON.stringify(value)).slice(0, 200) },
    nextStep: 'Train a plain LoRA adapter on the attention and MLP projections.',
  })
}
