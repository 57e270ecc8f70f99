/**
 * A LLaMA model as one GGUF file of version 3, which llama.cpp and all that is built on it read.
 *
 * @see https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
 */
import type { ModelConfig } from './config.ts'
import { LanguageModelError } from './error.ts'
import { type AdapterWeights, type LoraConfig, loraMatrix, loraParameters, loraScale } from './lora.ts'
import {
  EMBEDDING,
  FINAL_NORM,
  HEAD,
  type ModelWeights,
  modelParameters,
  normName,
  type PROJECTION_MODULE,
  projectionName,
  weightOf,
} from './weights.ts'

const ALIGNMENT = 32
const VERSION = 3

/** GGUF's value types. */
const UINT32 = 4
const FLOAT32 = 6
const STRING = 8
const ARRAY = 9
const INT32 = 5
type Value =
  | { type: typeof UINT32 | typeof FLOAT32; value: number }
  | { type: typeof STRING; value: string }
  | { type: typeof ARRAY; of: typeof STRING; values: readonly string[] }
  | { type: typeof ARRAY; of: typeof INT32; values: readonly number[] }

/** llama.cpp's kinds of tokens. */
const NORMAL = 1
const CONTROL = 3
const UNUSED = 5

/** What a tokenizer.json has that GGUF needs: a byte-level BPE with the pre-tokenizer of GPT-2. */
export type GgufTokenizer = {
  added_tokens?: readonly { id: number; content: string; special?: boolean }[]
  pre_tokenizer?: { type?: string; use_regex?: boolean } | null
  model: { type?: string; vocab: Record<string, number>; merges: readonly (string | readonly [string, string])[] }
}

/**
 * Weights in single precision: merge an adapter into them with `mergeAdapter` first.
 *
 * @throws {LanguageModelError} `model.gguf_unsupported` for what llama.cpp's "llama" does not compute as we do
 */
export function writeGguf(
  { config, weights }: { config: ModelConfig; weights: ModelWeights },
  { name, tokenizer, bosId, eosId }: { name: string; tokenizer: GgufTokenizer; bosId: number; eosId: number },
): Uint8Array {
  requirePlain(config, tokenizer)
  const metadata = new Map<string, Value>([
    ['general.architecture', text('llama')],
    ['general.name', text(name)],
    ['general.file_type', count(0)],
    ['llama.block_count', count(config.layers)],
    ['llama.context_length', count(config.maxPositions)],
    ['llama.embedding_length', count(config.hiddenSize)],
    ['llama.feed_forward_length', count(config.intermediateSize)],
    ['llama.attention.head_count', count(config.heads)],
    ['llama.attention.head_count_kv', count(config.kvHeads)],
    ['llama.attention.key_length', count(config.headDim)],
    ['llama.attention.value_length', count(config.headDim)],
    ['llama.attention.layer_norm_rms_epsilon', { type: FLOAT32, value: config.rmsNormEps }],
    ['llama.rope.dimension_count', count(config.headDim)],
    ['llama.rope.freq_base', { type: FLOAT32, value: config.ropeTheta }],
    ['llama.vocab_size', count(config.vocabSize)],
    ...tokenizerMetadata(tokenizer, config.vocabSize, bosId, eosId),
  ])
  return encode(metadata, tensorsOf(config, weights))
}

/** The base with an adapter's deltas added: W + scale · (A B)ᵀ, as a model that needs no adapter any more. */
export function mergeAdapter(
  config: ModelConfig,
  weights: ModelWeights,
  { lora, weights: adapter }: { lora: LoraConfig; weights: AdapterWeights },
): ModelWeights {
  const merged = new Map(weights)
  const parameters = loraParameters(config, lora)
  const scale = loraScale(lora)
  for (const a of parameters.filter(({ matrix }) => matrix === 'A')) {
    const b = parameters.find((p) => p.matrix === 'B' && p.layer === a.layer && p.projection === a.projection)!
    const [A, B] = [loraMatrix(adapter, a), loraMatrix(adapter, b)] // [in, r], [r, out]
    const [width, rank] = a.shape
    const out = b.shape[1]
    const name = projectionName(a.layer, a.projection)
    const sum = Float32Array.from(weightOf(weights, name)) // [out, in]
    for (let o = 0; o < out; o++) {
      for (let i = 0; i < width; i++) {
        let delta = 0
        for (let r = 0; r < rank; r++) delta += A[i * rank + r]! * B[r * out + o]!
        sum[o * width + i]! += scale * delta
      }
    }
    merged.set(name, sum)
  }
  return merged
}

const MODULES: Readonly<Record<keyof typeof PROJECTION_MODULE, string>> = {
  q: 'attn_q',
  k: 'attn_k',
  v: 'attn_v',
  o: 'attn_output',
  gate: 'ffn_gate',
  up: 'ffn_up',
  down: 'ffn_down',
}

function tensorsOf(
  config: ModelConfig,
  weights: ModelWeights,
): { name: string; shape: readonly number[]; values: Float32Array }[] {
  const names = new Map<string, string>([
    [EMBEDDING, 'token_embd.weight'],
    [FINAL_NORM, 'output_norm.weight'],
    [HEAD, 'output.weight'],
  ])
  const turned = new Map<string, number>()
  for (let layer = 0; layer < config.layers; layer++) {
    names.set(normName(layer, 'attention'), `blk.${layer}.attn_norm.weight`)
    names.set(normName(layer, 'mlp'), `blk.${layer}.ffn_norm.weight`)
    for (const [projection, module] of Object.entries(MODULES)) {
      names.set(projectionName(layer, projection as keyof typeof MODULES), `blk.${layer}.${module}.weight`)
    }
    turned.set(projectionName(layer, 'q'), config.heads)
    turned.set(projectionName(layer, 'k'), config.kvHeads)
  }
  return modelParameters(config).map(({ name, shape }) => {
    const values = weightOf(weights, name)
    const heads = turned.get(name)
    return { name: names.get(name)!, shape, values: heads === undefined ? values : interleave(values, shape, heads) }
  })
}

/** Rows of each head from pairs (i, i + half), as Hugging Face turns them, to pairs (2i, 2i + 1), as llama.cpp does. */
function interleave(values: Float32Array, shape: readonly number[], heads: number): Float32Array {
  const [rows, width] = shape as [number, number]
  const half = rows / heads / 2
  const turned = new Float32Array(values.length)
  for (let head = 0; head < heads; head++) {
    for (let pair = 0; pair < half; pair++) {
      for (const side of [0, 1]) {
        const from = (head * 2 * half + side * half + pair) * width
        turned.set(values.subarray(from, from + width), (head * 2 * half + 2 * pair + side) * width)
      }
    }
  }
  return turned
}

function tokenizerMetadata(
  { added_tokens: added = [], model }: GgufTokenizer,
  vocabSize: number,
  bosId: number,
  eosId: number,
): [string, Value][] {
  const tokens = Array.from({ length: vocabSize }, (_, id) => `[PAD${id}]`)
  const kinds = Array.from({ length: vocabSize }, () => UNUSED)
  for (const [token, id] of Object.entries(model.vocab)) {
    tokens[id] = token
    kinds[id] = NORMAL
  }
  for (const { id, content } of added) {
    tokens[id] = content
    kinds[id] = CONTROL
  }
  const merges = model.merges.map((pair) => (typeof pair === 'string' ? pair : pair.join(' ')))
  return [
    ['tokenizer.ggml.model', text('gpt2')],
    ['tokenizer.ggml.pre', text('gpt-2')],
    ['tokenizer.ggml.tokens', { type: ARRAY, of: STRING, values: tokens }],
    ['tokenizer.ggml.token_type', { type: ARRAY, of: INT32, values: kinds }],
    ['tokenizer.ggml.merges', { type: ARRAY, of: STRING, values: merges }],
    ['tokenizer.ggml.bos_token_id', count(bosId)],
    ['tokenizer.ggml.eos_token_id', count(eosId)],
  ]
}

function requirePlain(config: ModelConfig, { model, pre_tokenizer }: GgufTokenizer): void {
  const { biases, hasHeadNorms, rotaryScaling, slidingWindow, unrotatedLayers } = config
  const reason =
    (biases?.length ?? 0) > 0
      ? 'it has biases'
      : hasHeadNorms
        ? 'its heads are normalised'
        : rotaryScaling !== undefined
          ? 'its angles are scaled'
          : slidingWindow !== undefined
            ? 'its attention has windows'
            : (unrotatedLayers?.length ?? 0) > 0
              ? 'it has layers without rotation'
              : model.type !== undefined && model.type !== 'BPE'
                ? 'its tokenizer is no BPE'
                : pre_tokenizer?.type !== 'ByteLevel' || pre_tokenizer.use_regex === false
                  ? 'its tokenizer does not cut texts up as GPT-2 does'
                  : undefined
  if (reason === undefined) return
  throw new LanguageModelError('model.gguf_unsupported', `This model is not written as GGUF: ${reason}.`, {
    facts: { reason },
    nextStep: "Export it as Hugging Face or PEFT files and convert those with llama.cpp's own scripts.",
  })
}

const text = (value: string): Value => ({ type: STRING, value })
const count = (value: number): Value => ({ type: UINT32, value })

function encode(metadata: ReadonlyMap<string, Value>, tensors: ReturnType<typeof tensorsOf>): Uint8Array {
  const head: Buffer[] = [Buffer.from('GGUF', 'latin1'), uint32(VERSION), uint64(tensors.length), uint64(metadata.size)]
  for (const [key, value] of metadata) head.push(string(key), uint32(value.type), valueBytes(value))
  let offset = 0
  for (const { name, shape, values } of tensors) {
    // The fastest axis comes first.
    const dims = shape.toReversed()
    head.push(string(name), uint32(dims.length), ...dims.map(uint64), uint32(0), uint64(offset))
    offset += padded(values.byteLength)
  }
  const headBytes = Buffer.concat(head)
  const start = padded(headBytes.length)
  const file = new Uint8Array(start + offset)
  file.set(headBytes)
  let at = start
  for (const { values } of tensors) {
    file.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), at)
    at += padded(values.byteLength)
  }
  return file
}

function valueBytes(value: Value): Buffer {
  switch (value.type) {
    case UINT32:
      return uint32(value.value)
    case FLOAT32: {
      const bytes = Buffer.alloc(4)
      bytes.writeFloatLE(value.value)
      return bytes
    }
    case STRING:
      return string(value.value)
    case ARRAY: {
      const items = value.of === STRING ? value.values.map(string) : value.values.map(uint32)
      return Buffer.concat([uint32(value.of), uint64(items.length), ...items])
    }
  }
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}

function uint64(value: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(BigInt(value))
  return bytes
}

function string(value: string): Buffer {
  const bytes = Buffer.from(value, 'utf8')
  return Buffer.concat([uint64(bytes.length), bytes])
}

function padded(length: number): number {
  return Math.ceil(length / ALIGNMENT) * ALIGNMENT
}
