import { type LoraConfig, type ModelConfig, randomWeights, Tokenizer } from '@openledger/language-model'
import type { Base } from '../features/trained-model.ts'

const END = '<|endoftext|>'

/** A language model whose gradients take a millisecond; its tokens are bytes. */
export const TINY: ModelConfig = {
  hiddenSize: 24,
  layers: 2,
  heads: 4,
  kvHeads: 2,
  headDim: 6,
  intermediateSize: 32,
  vocabSize: 257,
  ropeTheta: 10_000,
  rmsNormEps: 1e-5,
  tieWordEmbeddings: true,
  maxPositions: 64,
}

export const TINY_LORA: LoraConfig = { rank: 2, alpha: 4, targets: ['q', 'v', 'o', 'up', 'down'] }

/** Weights large enough that every part of the model matters. */
export function tinyBase(config: ModelConfig = TINY): Base {
  return { config, weights: randomWeights(config, 7, 0.3), tokenizer: byteTokenizer() }
}

/** Byte-level BPE that learned no merge: token 0 begins and ends a text, 1 to 256 are its bytes. */
function byteTokenizer(): Tokenizer {
  let next = 0x100
  const letters = Array.from({ length: 256 }, (_, byte) => {
    const isPrintable = (byte > 0x20 && byte < 0x7f) || (byte > 0xa0 && byte !== 0xad)
    return String.fromCharCode(isPrintable ? byte : next++)
  })
  const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: false, use_regex: true }
  const special = { lstrip: false, rstrip: false, normalized: false, single_word: false, special: true }
  const file = {
    version: '1.0',
    added_tokens: [{ id: 0, content: END, ...special }],
    normalizer: null,
    pre_tokenizer: byteLevel,
    post_processor: null,
    decoder: byteLevel,
    model: { type: 'BPE', vocab: Object.fromEntries([END, ...letters].map((token, id) => [token, id])), merges: [] },
  }
  return Tokenizer.parse(file, { bos_token: END, eos_token: END })
}
