/** The tiny model as the files that a base and its adapters are published as. */
import {
  loraParameterCount,
  randomWeights,
  seededRandom,
  toHuggingFaceConfig,
  toPeftConfig,
  writeModelWeights,
  writePeftWeights,
} from '@openledger/language-model'
import type { ModelFiles } from '../engine/messages.ts'
import { TINY } from './tiny-model.ts'

const END = '<|endoftext|>'

export function tinyBaseFiles(): ModelFiles {
  const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: false, use_regex: true }
  const special = { lstrip: false, rstrip: false, normalized: false, single_word: false, special: true }
  const merges = ['t h', 'Ġ t', 'i n', 'th e', 'Ġ the', 'e r', 'o n', 'Ġ a', 'r e', 'a n']
  const tokens = [END, ...byteLetters(), ...merges.map((pair) => pair.replace(' ', ''))]
  return {
    'config.json': json(toHuggingFaceConfig(TINY, { bosId: 0, eosId: 0 })),
    'model.safetensors': writeModelWeights(TINY, randomWeights(TINY, 7, 0.2), 'F16'),
    'tokenizer.json': json({
      version: '1.0',
      added_tokens: [{ id: 0, content: END, ...special }],
      normalizer: null,
      pre_tokenizer: byteLevel,
      post_processor: null,
      decoder: byteLevel,
      model: { type: 'BPE', vocab: Object.fromEntries(tokens.map((token, id) => [token, id])), merges },
    }),
    'tokenizer_config.json': json({ bos_token: END, eos_token: END }),
  }
}

export function tinyAdapterFiles(seed: number): ModelFiles {
  const lora = { rank: 2, alpha: 4, targets: ['q', 'v', 'o', 'up', 'down'] } as const
  const random = seededRandom(seed)
  const weights = Float32Array.from({ length: loraParameterCount(TINY, lora) }, () => random.normal() * 0.25)
  return {
    'adapter_config.json': json(toPeftConfig(lora, 'tiny')),
    'adapter_model.safetensors': writePeftWeights(TINY, lora, weights),
  }
}

function json(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value))
}

/** GPT-2's letters for bytes: printable ones stand for themselves, the rest from U+0100 on. */
function byteLetters(): string[] {
  let next = 0x100
  return Array.from({ length: 256 }, (_, byte) => {
    const isPrintable = (byte > 0x20 && byte < 0x7f) || (byte > 0xa0 && byte !== 0xad)
    return String.fromCharCode(isPrintable ? byte : next++)
  })
}
