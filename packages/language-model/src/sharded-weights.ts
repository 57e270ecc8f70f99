/**
 * Weights in several files: `model.safetensors.index.json` says which tensor lies in which.
 *
 * @see https://huggingface.co/docs/transformers/big_models#sharded-checkpoints
 */
import type { ModelConfig } from './config.ts'
import { LanguageModelError } from './error.ts'
import { readSafetensors, type StoredTensor } from './safetensors.ts'
import { type ModelWeights, weightsOfTensors } from './weights.ts'

const MAX_SHARDS = 1024

/** A name in the same folder; what stands in a file must not lead anywhere else. */
const SHARD_NAME = /^(?!\.)[\w.-]{1,100}\.safetensors$/

/** File by tensor. */
export type ShardIndex = ReadonlyMap<string, string>

/**
 * @param json parsed `model.safetensors.index.json`
 * @throws {LanguageModelError} `model.index_invalid`
 */
export function parseShardIndex(json: unknown): ShardIndex {
  const map = (json as { weight_map?: unknown } | null)?.weight_map
  if (typeof map !== 'object' || map === null || Array.isArray(map)) throw indexInvalid('it has no weight_map')
  const index = new Map<string, string>()
  for (const [tensor, file] of Object.entries(map)) {
    if (typeof file !== 'string' || !SHARD_NAME.test(file)) {
      throw indexInvalid('it names a file that is none of safetensors', { tensor: tensor.slice(0, 100) })
    }
    index.set(tensor, file)
  }
  const shards = shardsOf(index).length
  if (shards === 0 || shards > MAX_SHARDS) throw indexInvalid('it names no files or too many', { shards })
  return index
}

/** The files of an index, each once. */
export function shardsOf(index: ShardIndex): string[] {
  return [...new Set(index.values())].sort()
}

/**
 * Reads all shards of a model.
 *
 * @throws {LanguageModelError} `model.index_invalid` where a file does not hold what the index says;
 *   `model.weights_mismatch`, or an error of the safetensors reader
 */
export async function readShardedWeights(
  config: ModelConfig,
  index: ShardIndex,
  read: (name: string) => Promise<Uint8Array>,
): Promise<ModelWeights> {
  const tensors = new Map<string, StoredTensor>()
  for (const shard of shardsOf(index)) {
    for (const [name, tensor] of readSafetensors(await read(shard)).tensors) {
      if (index.get(name) !== shard) {
        throw indexInvalid('a file has a tensor that the index does not place there', {
          file: shard,
          tensor: name.slice(0, 100),
        })
      }
      tensors.set(name, tensor)
    }
  }
  const missing = [...index.keys()].find((name) => !tensors.has(name))
  if (missing !== undefined) {
    throw indexInvalid('a file lacks a tensor that the index places there', {
      file: index.get(missing)!,
      tensor: missing.slice(0, 100),
    })
  }
  return weightsOfTensors(config, tensors)
}

function indexInvalid(why: string, facts: Record<string, string | number> = {}): LanguageModelError {
  return new LanguageModelError('model.index_invalid', `The index of the model's files is refused: ${why}.`, {
    facts,
    nextStep: 'Get model.safetensors.index.json and all of its files again, from one version of the model.',
  })
}
