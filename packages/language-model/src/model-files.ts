/** Models as they are passed around: files by their Hugging Face names. */

import type { Adapter } from './adapter-rows.ts'
import type { ModelConfig } from './config.ts'
import { parseModelConfig } from './hugging-face-config.ts'
import { LanguageModelError } from './error.ts'
import { parsePeftConfig, readPeftWeights } from './peft.ts'
import type { BaseModel } from './rows-gradients.ts'
import { Tokenizer } from './tokenizer.ts'
import { readModelWeights } from './weights.ts'

/** Fetches one file of a model by its name, for example from a folder or by its CID from the content store. */
export type ReadModelFile = (name: string) => Promise<Uint8Array>

/** What a base model needs: config.json, model.safetensors, tokenizer.json, tokenizer_config.json. */
export const BASE_MODEL_FILES = ['config.json', 'model.safetensors', 'tokenizer.json', 'tokenizer_config.json'] as const

/** What an adapter needs. */
export const ADAPTER_FILES = ['adapter_config.json', 'adapter_model.safetensors'] as const

/**
 * Opens a base model and its tokenizer.
 *
 * @throws {LanguageModelError} what the readers of the single files throw; `model.config_invalid` if the tokenizer has
 *   more tokens than the model
 */
export async function openBaseModel(read: ReadModelFile): Promise<BaseModel & { tokenizer: Tokenizer }> {
  const config = parseModelConfig(await readJson(read, 'config.json'))
  const tokenizer = Tokenizer.parse(
    await readJson(read, 'tokenizer.json'),
    await readJson(read, 'tokenizer_config.json'),
  )
  if (tokenizer.vocabSize > config.vocabSize) {
    throw new LanguageModelError('model.config_invalid', 'The tokenizer has tokens that the model does not.', {
      facts: { tokenizer: tokenizer.vocabSize, model: config.vocabSize },
      nextStep: 'Use the tokenizer.json that belongs to the model.',
    })
  }
  return { config, tokenizer, weights: readModelWeights(config, await read('model.safetensors')) }
}

/** Opens an adapter for a base of this shape. */
export async function openAdapter(config: ModelConfig, read: ReadModelFile): Promise<Adapter> {
  const lora = parsePeftConfig(await readJson(read, 'adapter_config.json'))
  return { lora, weights: readPeftWeights(config, lora, await read('adapter_model.safetensors')) }
}

async function readJson(read: ReadModelFile, name: string): Promise<unknown> {
  const bytes = await read(name)
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (cause) {
    throw new LanguageModelError('model.file_malformed', 'A file of the model is not JSON.', {
      facts: { file: name },
      nextStep: 'Get the file again.',
      cause,
    })
  }
}
