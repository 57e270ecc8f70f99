/** Models as they are passed around: files by their Hugging Face names. */

import type { Adapter } from './adapter-rows.ts'
import type { ModelConfig } from './config.ts'
import { describeValue } from './describe-value.ts'
import { LanguageModelError } from './error.ts'
import { rotaryTableSize } from './graphs/rotary.ts'
import { parseModelConfig } from './hugging-face-config.ts'
import { parseJsonFile } from './json-file.ts'
import { parsePeftConfig, readPeftWeights } from './peft.ts'
import type { BaseModel } from './rows-gradients.ts'
import { parseShardIndex, readShardedWeights } from './sharded-weights.ts'
import { TOKENIZER_FILES, Tokenizer } from './tokenizer.ts'
import { parameterCount, readModelWeights } from './weights.ts'

/** Fetches one file of a model by its name, for example from a folder or by its CID from the content store. */
export type ReadModelFile = (name: string) => Promise<Uint8Array>

/** What a base model is, unless its weights are in several files: config.json, weights, tokenizer. */
export const BASE_MODEL_FILES = ['config.json', 'model.safetensors', 'tokenizer.json', 'tokenizer_config.json'] as const

/** What an adapter needs. */
export const ADAPTER_FILES = ['adapter_config.json', 'adapter_model.safetensors'] as const

/** Two gibibytes, less room for the operators. */
const MAX_GRAPH_BYTES = 2 ** 31 - 2 ** 24

const SHARD_INDEX = 'model.safetensors.index.json'
const GENERATION_CONFIG = 'generation_config.json'

export type OpenedModel = BaseModel & {
  tokenizer: Tokenizer
  /** Tokens at which an answer ends, ascending. */
  endIds: readonly number[]
}

/**
 * Which files of a base model `openBaseModel` reads, of all that there are; those that it cannot do without are always
 * among them.
 */
export function baseModelFiles(names: readonly string[]): string[] {
  const isSharded = names.includes(SHARD_INDEX) && !names.includes('model.safetensors')
  const needed = isSharded
    ? ['config.json', 'tokenizer.json', 'tokenizer_config.json', SHARD_INDEX]
    : [...BASE_MODEL_FILES]
  const welcome = [GENERATION_CONFIG, 'chat_template.jinja'].filter((name) => names.includes(name))
  const shards = isSharded ? names.filter((name) => name.endsWith('.safetensors')) : []
  return [...needed, ...welcome, ...shards]
}

/**
 * Opens a base model and its tokenizer.
 *
 * @param names all files that there are: says whether the weights are in several, and which of the files are there that
 *   a model may lack (generation_config.json, chat_template.jinja)
 * @throws {LanguageModelError} what the readers of the single files throw; `model.too_large`; `model.config_invalid` if the tokenizer has
 *   more tokens than the model, or the model's end is none of them
 */
export async function openBaseModel(
  read: ReadModelFile,
  names: readonly string[] = BASE_MODEL_FILES,
): Promise<OpenedModel> {
  const files = baseModelFiles(names)
  const config = parseModelConfig(await readJson(read, 'config.json'))
  requireSize(config)
  const tokenizer = await openTokenizer(read, files)
  if (tokenizer.vocabSize > config.vocabSize) {
    throw new LanguageModelError('model.config_invalid', 'The tokenizer has tokens that the model does not.', {
      facts: { tokenizer: tokenizer.vocabSize, model: config.vocabSize },
      nextStep: 'Use the tokenizer.json that belongs to the model.',
    })
  }
  const generation = files.includes(GENERATION_CONFIG) ? await readJson(read, GENERATION_CONFIG) : {}
  const endIds = endIdsOf(generation, tokenizer.eosId, config)
  if (!files.includes(SHARD_INDEX)) {
    return { config, tokenizer, endIds, weights: readModelWeights(config, await read('model.safetensors')) }
  }
  const index = parseShardIndex(await readJson(read, SHARD_INDEX))
  return { config, tokenizer, endIds, weights: await readShardedWeights(config, index, read) }
}

/** Opens an adapter for a base of this shape. */
export async function openAdapter(config: ModelConfig, read: ReadModelFile): Promise<Adapter> {
  const lora = parsePeftConfig(await readJson(read, 'adapter_config.json'))
  return { lora, weights: readPeftWeights(config, lora, await read('adapter_model.safetensors')) }
}

/** ONNX is protobuf, whose messages end at two gibibytes; the graph holds the weights in single precision. */
function requireSize(config: ModelConfig): void {
  const bytes = 4 * (parameterCount(config) + 2 * rotaryTableSize(config))
  if (bytes <= MAX_GRAPH_BYTES) return
  throw new LanguageModelError('model.too_large', 'The model is larger than a graph can be.', {
    facts: { parameters: parameterCount(config), bytes, max: MAX_GRAPH_BYTES },
    nextStep: 'Choose a model of at most half a billion parameters.',
  })
}

async function openTokenizer(read: ReadModelFile, files: readonly string[]): Promise<Tokenizer> {
  const bytes = new Map<string, Uint8Array>()
  for (const name of TOKENIZER_FILES) if (files.includes(name)) bytes.set(name, await read(name))
  return Tokenizer.fromFiles((name) => bytes.get(name))
}

/** The ends that generation_config.json names, and the tokenizer's, after which every text that is trained on ends. */
function endIdsOf(generation: unknown, eosId: number, { vocabSize }: ModelConfig): number[] {
  const named = (generation as { eos_token_id?: unknown } | null)?.eos_token_id ?? []
  const ids = Array.isArray(named) ? named : [named]
  const isToken = (id: unknown) => Number.isInteger(id) && (id as number) >= 0 && (id as number) < vocabSize
  if (ids.length > 100 || !ids.every(isToken)) {
    throw new LanguageModelError('model.config_invalid', "The model's eos_token_id is none of its tokens.", {
      facts: { field: 'eos_token_id', value: describeValue(named), vocabSize },
      nextStep: 'Use the generation_config.json that belongs to the model.',
    })
  }
  return [...new Set([...ids, eosId])].sort((a, b) => a - b)
}

async function readJson(read: ReadModelFile, name: string): Promise<unknown> {
  return parseJsonFile(name, await read(name))
}
