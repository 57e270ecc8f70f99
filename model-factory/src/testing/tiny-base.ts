/** For tests: a base model of a few thousand weights with a tokenizer of single bytes, as files. */

import type { ContentStore } from '@openledger/content-store'
import {
  type ModelConfig,
  type ModelWeights,
  randomWeights,
  toHuggingFaceConfig,
  writeModelWeights,
} from '@openledger/language-model'
import { type Digest, digestOfCid } from '@openledger/protocol'

const END = '<|endoftext|>'

export const TINY: ModelConfig = {
  hiddenSize: 16,
  layers: 2,
  heads: 2,
  kvHeads: 2,
  headDim: 8,
  intermediateSize: 24,
  vocabSize: 257,
  ropeTheta: 10_000,
  rmsNormEps: 1e-5,
  tieWordEmbeddings: true,
  maxPositions: 48,
}

/** @returns the digest of its manifest */
export async function putTinyBase(
  contentStore: ContentStore,
  weights: ModelWeights = randomWeights(TINY, 3, 0.2),
): Promise<Digest> {
  const files = {
    'config.json': await contentStore.putJson(toHuggingFaceConfig(TINY, { bosId: 0, eosId: 0 })),
    'model.safetensors': await contentStore.put(writeModelWeights(TINY, weights, 'F32')),
    'tokenizer.json': await contentStore.putJson(byteTokenizer()),
    'tokenizer_config.json': await contentStore.putJson({ bos_token: END, eos_token: END }),
  }
  const manifest = {
    kind: 'openledger/model@1',
    modelKind: 'base',
    name: 'tiny',
    base: null,
    licence: 'CC0-1.0',
    files,
    training: null,
  }
  return digestOfCid(await contentStore.putJson(manifest))
}

function byteTokenizer(): object {
  const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: false, use_regex: true }
  let next = 0x100
  const letters = Array.from({ length: 256 }, (_, byte) => {
    const isPrintable = (byte > 0x20 && byte < 0x7f) || (byte > 0xa0 && byte !== 0xad)
    return String.fromCharCode(isPrintable ? byte : next++)
  })
  return {
    version: '1.0',
    added_tokens: [
      { id: 0, content: END, special: true, lstrip: false, rstrip: false, normalized: false, single_word: false },
    ],
    normalizer: null,
    pre_tokenizer: byteLevel,
    post_processor: null,
    decoder: byteLevel,
    model: { type: 'BPE', vocab: Object.fromEntries([END, ...letters].map((letter, id) => [letter, id])), merges: [] },
  }
}
