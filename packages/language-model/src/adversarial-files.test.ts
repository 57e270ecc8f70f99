/** Files as strangers may write them. Each is one broken file among good ones: the model is refused as a whole. */
import { describe, expect, it } from 'vitest'
import { toHuggingFaceConfig } from './hugging-face-config.ts'
import { loraParameterCount } from './lora.ts'
import { openAdapter, openBaseModel } from './model-files.ts'
import { toPeftConfig, writePeftWeights } from './peft.ts'
import { readSafetensors, type StoredTensor, storeTensor, writeSafetensors } from './safetensors.ts'
import { BYTE_TOKENIZER_CONFIG, byteTokenizerJson, END } from './testing/byte-tokenizer.ts'
import { randomVector, TINY, TINY_LORA, tinyBase } from './testing/tiny-model.ts'
import { writeModelWeights } from './weights.ts'

type Files = Record<string, Uint8Array>

const config = { ...TINY, vocabSize: 259 }
const { weights } = tinyBase(config)
const json = (value: unknown) => text(JSON.stringify(value))
const text = (value: string) => new TextEncoder().encode(value)
const configFields = toHuggingFaceConfig(config, { bosId: 0, eosId: 0 })
const tokenizerFields = byteTokenizerJson(['t h', 'th e'])
const model = writeModelWeights(config, weights, 'F32')
const tensors = readSafetensors(model).tensors

const good: Files = {
  'config.json': json(configFields),
  'model.safetensors': model,
  'tokenizer.json': json(tokenizerFields),
  'tokenizer_config.json': json(BYTE_TOKENIZER_CONFIG),
}
const goodAdapter: Files = {
  'adapter_config.json': json(toPeftConfig(TINY_LORA, 'base')),
  'adapter_model.safetensors': writePeftWeights(
    config,
    TINY_LORA,
    randomVector(loraParameterCount(config, TINY_LORA), 1, 2),
  ),
}

const open = (files: Files) => openBaseModel(async (name) => files[name]!, Object.keys(files))
const deep = (levels: number, inner = '1') => `${'['.repeat(levels)}${inner}${']'.repeat(levels)}`

/** The good file with another header, made from the text of its own. */
function withHeader(change: (header: string) => string, file = model): Uint8Array {
  const length = Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true))
  const header = text(change(new TextDecoder().decode(file.subarray(8, 8 + length))))
  const changed = new Uint8Array(8 + header.length + file.length - 8 - length)
  new DataView(changed.buffer).setBigUint64(0, BigInt(header.length), true)
  changed.set(header, 8)
  changed.set(file.subarray(8 + length), 8 + header.length)
  return changed
}

/** The good header as an object, changed. */
function withEntries(change: (header: Record<string, Entry>) => object): Uint8Array {
  return withHeader((header) => JSON.stringify(change(JSON.parse(header))))
}

/** The good header with other fields of one tensor. */
function withNorm(fields: object): Uint8Array {
  return withEntries((header) => ({ ...header, [NORM]: { ...header[NORM], ...fields } }))
}
type Entry = { dtype: string; shape: number[]; data_offsets: [number, number] }

function withTensor(name: string, tensor: StoredTensor | undefined): Uint8Array {
  const changed = new Map(tensors)
  if (tensor === undefined) changed.delete(name)
  else changed.set(name, tensor)
  return writeSafetensors(changed)
}

const NORM = 'model.norm.weight'
const norm = (value: number) => withTensor(NORM, storeTensor(new Float32Array(16).fill(value), [16], 'F32'))

const SAFETENSORS: [string, Uint8Array, string][] = [
  ['that is empty', new Uint8Array(), 'safetensors.header_invalid'],
  ['that ends within the length', model.subarray(0, 5), 'safetensors.header_invalid'],
  ['that ends within the header', model.subarray(0, 100), 'safetensors.header_invalid'],
  ['that ends within the weights', model.subarray(0, model.length - 1), 'safetensors.layout_invalid'],
  ['whose header claims to be 2^63 bytes long', lengthOf(2n ** 63n), 'safetensors.header_invalid'],
  ['whose header claims to be 2^64 - 1 bytes long', lengthOf(2n ** 64n - 1n), 'safetensors.header_invalid'],
  ['whose header has length 0', lengthOf(0n), 'safetensors.header_invalid'],
  ['whose header is a mebibyte of brackets', withHeader(() => deep(500_000)), 'safetensors.header_invalid'],
  [
    'whose header is filled up beyond its limit',
    withHeader((h) => h + ' '.repeat(1 << 20)),
    'safetensors.header_invalid',
  ],
  ['whose header is followed by another', withHeader((h) => h + h), 'safetensors.header_invalid'],
  ['whose header is a number', withHeader(() => '1e999'), 'safetensors.header_invalid'],
  ['that names a tensor twice', withHeader((h) => `{"${NORM}":null,${h.slice(1)}`), 'safetensors.header_invalid'],
  ['whose metadata are nested', withEntries((h) => ({ ...h, __metadata__: { a: {} } })), 'safetensors.header_invalid'],
  ['whose offsets overlap', withEntries((h) => shift(h, -4)), 'safetensors.layout_invalid'],
  ['whose offsets leave a gap', withEntries((h) => shift(h, 4)), 'safetensors.layout_invalid'],
  ['whose offsets are negative', withNorm({ data_offsets: [-64, 0] }), 'safetensors.header_invalid'],
  [
    'whose offsets are infinite',
    withHeader((h) => h.replace(/"data_offsets":\[0,/, '"data_offsets":[0,1e999],"x":[')),
    'safetensors.header_invalid',
  ],
  ['whose offsets are text', withNorm({ data_offsets: ['0', '64'] }), 'safetensors.header_invalid'],
  ['with a shape beyond 2^64', withNorm({ shape: [2 ** 40, 2 ** 40] }), 'safetensors.layout_invalid'],
  [
    'with a shape that wraps around to its size',
    withNorm({ shape: [2 ** 32, 2 ** 32, 16] }),
    'safetensors.layout_invalid',
  ],
  ['with a shape that is no list', withNorm({ shape: 16 }), 'safetensors.header_invalid'],
  ['with a shape of another model', withNorm({ shape: [4, 4] }), 'model.weights_mismatch'],
  ['with 8-bit floats', withNorm({ dtype: 'F8_E4M3' }), 'safetensors.dtype_unsupported'],
  ['with integers', withNorm({ dtype: 'I32' }), 'safetensors.dtype_unsupported'],
  ['with halves that are called floats', withNorm({ dtype: 'F16' }), 'safetensors.layout_invalid'],
  ['with a type that is a list', withNorm({ dtype: ['F32'] }), 'safetensors.dtype_unsupported'],
  ['without a weight', withTensor(NORM, undefined), 'model.weights_mismatch'],
  ['with a weight too many', withTensor('model.extra.weight', tensors.get(NORM)), 'model.weights_mismatch'],
  ['with a weight named __proto__', withHeader((h) => h.replace(NORM, '__proto__')), 'model.weights_mismatch'],
  [
    'with a head that is not the tied one',
    withTensor('lm_head.weight', storeTensor(new Float32Array(259 * 16), [259, 16], 'F32')),
    'model.weights_mismatch',
  ],
  ['with a weight that is no number', norm(Number.NaN), 'safetensors.value_invalid'],
  ['with an infinite weight', norm(Number.NEGATIVE_INFINITY), 'safetensors.value_invalid'],
  ['that is a pickle', text('\x80\x02}q\x00X\x04\x00\x00\x00evil.'), 'safetensors.header_invalid'],
]

const vocab = tokenizerFields.model.vocab
const tokenizer = (change: object) => json({ ...tokenizerFields, ...change })
const modelOf = (change: object) => tokenizer({ model: { ...tokenizerFields.model, ...change } })
const [added] = tokenizerFields.added_tokens
const split = (Regex: string) => ({
  pre_tokenizer: { type: 'Split', pattern: { Regex }, behavior: 'Isolated', invert: false },
})

const TOKENIZER: [string, Uint8Array, string][] = [
  ['that is empty', new Uint8Array(), 'model.file_malformed'],
  ['that is cut off', good['tokenizer.json']!.subarray(0, 1000), 'model.file_malformed'],
  ['that is no UTF-8', Uint8Array.of(0x7b, 0xff, 0x7d), 'model.file_malformed'],
  ['that is a million brackets deep', text(deep(1_000_000)), 'model.file_malformed'],
  [
    'that is deep within a setting',
    text(`{"model":{"type":"BPE","vocab":{},"merges":[],"dropout":${deep(5000)}}}`),
    'model.file_malformed',
  ],
  ['of more than 32 MiB', new Uint8Array(33 << 20).fill(0x20), 'model.file_too_large'],
  ['with millions of values', text(`[${'1,'.repeat(3 << 20)}1]`), 'model.file_malformed'],
  ['that is null', text('null'), 'tokenizer.invalid'],
  ['with a key twice', text(`{"model":null,${JSON.stringify(tokenizerFields).slice(1)}`), 'model.file_malformed'],
  ['of another kind', modelOf({ type: 'Unigram' }), 'tokenizer.unsupported'],
  ['whose vocabulary is a list', modelOf({ vocab: ['a'] }), 'tokenizer.invalid'],
  ['with an id beyond all bounds', modelOf({ vocab: { ...vocab, x: 2 ** 31 } }), 'tokenizer.invalid'],
  ['with a negative id', modelOf({ vocab: { ...vocab, x: -1 } }), 'tokenizer.invalid'],
  ['with an id that is a fraction', modelOf({ vocab: { ...vocab, x: 300.5 } }), 'tokenizer.invalid'],
  [
    'with an infinite id',
    text(JSON.stringify(tokenizerFields).replace('"the":258', '"the":1e999')),
    'tokenizer.invalid',
  ],
  ['with two tokens of one id', modelOf({ vocab: { ...vocab, x: vocab.the } }), 'tokenizer.invalid'],
  ['with an id that the model does not have', modelOf({ vocab: { ...vocab, x: 259 } }), 'model.config_invalid'],
  ['with a merge of one part', modelOf({ merges: ['th'] }), 'tokenizer.invalid'],
  ['with a merge of three parts', modelOf({ merges: ['t h e'] }), 'tokenizer.invalid'],
  ['with a merge into no token', modelOf({ merges: ['e t'] }), 'tokenizer.invalid'],
  ['with a merge of a method', modelOf({ merges: ['to String'] }), 'tokenizer.invalid'],
  ['with a merge that is an object', modelOf({ merges: [{}] }), 'tokenizer.invalid'],
  ['that drops merges at random', modelOf({ dropout: 0.1 }), 'tokenizer.unsupported'],
  ['with ends of words', modelOf({ end_of_word_suffix: '</w>' }), 'tokenizer.unsupported'],
  ['with an unknown token that is unknown', modelOf({ unk_token: '<unk>' }), 'tokenizer.invalid'],
  ['with a setting of tomorrow', modelOf({ lookahead: 2 }), 'tokenizer.unsupported'],
  ['with an expression that never ends', tokenizer(split('(a+)+$')), 'tokenizer.unsupported'],
  ['with an expression that is none', tokenizer(split('(')), 'tokenizer.unsupported'],
  ['that lowers its text', tokenizer({ normalizer: { type: 'Lowercase' } }), 'tokenizer.unsupported'],
  [
    'with a normalizer of megabytes',
    tokenizer({ normalizer: { type: 'Prepend', prepend: 'x'.repeat(1 << 20) } }),
    'tokenizer.unsupported',
  ],
  [
    'with a normalizer named like a method',
    tokenizer({ normalizer: { type: 'constructor' } }),
    'tokenizer.unsupported',
  ],
  [
    'with a thousand normalizers',
    tokenizer({ normalizer: { type: 'Sequence', normalizers: Array(1000).fill({ type: 'NFC' }) } }),
    'tokenizer.invalid',
  ],
  ['with a decoder without a type', tokenizer({ decoder: {} }), 'tokenizer.invalid'],
  ['with added tokens that are no list', tokenizer({ added_tokens: {} }), 'tokenizer.invalid'],
  ['with an added token twice', tokenizer({ added_tokens: [added, added] }), 'tokenizer.invalid'],
  [
    'with an added token in the place of another',
    tokenizer({ added_tokens: [added, { ...added, content: '<x>', id: 5 }] }),
    'tokenizer.invalid',
  ],
  [
    'with an added token without a name',
    tokenizer({ added_tokens: [added, { ...added, content: '', id: 258 }] }),
    'tokenizer.invalid',
  ],
  [
    'with an added token that eats spaces',
    tokenizer({ added_tokens: [{ ...added, lstrip: true }] }),
    'tokenizer.unsupported',
  ],
]

const changed = (change: object) => json({ ...configFields, ...change })

const CONFIG: [string, Uint8Array, string][] = [
  ['that is empty', new Uint8Array(), 'model.file_malformed'],
  ['that is cut off', good['config.json']!.subarray(0, 40), 'model.file_malformed'],
  ['that is a thousand levels deep', text(deep(1000)), 'model.file_malformed'],
  ['of more than a mebibyte', text(`{"a":"${'x'.repeat(1 << 20)}"}`), 'model.file_too_large'],
  ['with a key twice', text(`{"hidden_size":8,${JSON.stringify(configFields).slice(1)}`), 'model.file_malformed'],
  [
    'with NaN',
    text(JSON.stringify(configFields).replace('"rms_norm_eps":0.00001', '"rms_norm_eps":NaN')),
    'model.file_malformed',
  ],
  [
    'with a number beyond all doubles',
    text(JSON.stringify(configFields).replace('"rope_theta":10000', '"rope_theta":1e999')),
    'model.config_invalid',
  ],
  ['with text for a number', changed({ hidden_size: '16' }), 'model.config_invalid'],
  ['with a list for a number', changed({ num_hidden_layers: [2] }), 'model.config_invalid'],
  ['with more layers than it has weights', changed({ num_hidden_layers: 1024 }), 'model.weights_mismatch'],
  [
    'with angles for gigabytes',
    changed({ head_dim: 1024, max_position_embeddings: 2 ** 24 }),
    'model.config_unsupported',
  ],
  [
    'with __proto__',
    text(`{"__proto__":{"model_type":"llama"},${JSON.stringify(configFields).slice(1)}`),
    'model.config_unsupported',
  ],
  ['with code of its own', changed({ auto_map: { AutoModel: 'x.y' } }), 'model.config_unsupported'],
]

describe('a base model among whose files is', () => {
  const cases = (name: string, list: [string, Uint8Array, string][]) =>
    list.map(([what, file, code]) => [name, what, file, code] as const)
  it.each([
    ...cases('model.safetensors', SAFETENSORS),
    ...cases('tokenizer.json', TOKENIZER),
    ...cases('config.json', CONFIG),
    ...cases('tokenizer_config.json', [
      ['with an end that is a number', json({ ...BYTE_TOKENIZER_CONFIG, eos_token: 0 }), 'tokenizer.invalid'],
      [
        'with an end that is a text like any other',
        json({ ...BYTE_TOKENIZER_CONFIG, eos_token: 'the' }),
        'tokenizer.invalid',
      ],
      ['with a template that is a number', json({ ...BYTE_TOKENIZER_CONFIG, chat_template: 7 }), 'tokenizer.invalid'],
      [
        'with tokens of its own',
        json({ ...BYTE_TOKENIZER_CONFIG, added_tokens_decoder: { 9: { content: END } } }),
        'tokenizer.invalid',
      ],
    ]),
    ...cases('generation_config.json', [
      ['that ends at no token', json({ eos_token_id: 1e6 }), 'model.config_invalid'],
      ['that ends at a text', json({ eos_token_id: ['0'] }), 'model.config_invalid'],
      [
        'that ends at everything',
        json({ eos_token_id: Array.from({ length: 101 }, (_, id) => id) }),
        'model.config_invalid',
      ],
    ]),
    ...cases('chat_template.jinja', [
      ['that is no UTF-8', Uint8Array.of(0xff), 'model.file_malformed'],
      ['of more than a mebibyte', new Uint8Array((1 << 20) + 1), 'model.file_too_large'],
    ]),
  ])('a %s %s is refused', async (name, _, file, code) => {
    await expect(open({ ...good, [name]: file })).rejects.toThrow(
      expect.objectContaining({ name: 'LanguageModelError', code }),
    )
  })

  it('nothing broken is opened', async () => {
    expect((await open(good)).weights).toEqual(weights)
  })
})

describe('a base model in several files', () => {
  const half = [...tensors].slice(0, 9)
  const rest = [...tensors].slice(9)
  const [first, second] = ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors']
  const map = Object.fromEntries([...half.map(([name]) => [name, first]), ...rest.map(([name]) => [name, second])])
  const { 'model.safetensors': _, ...others } = good
  const shards: Files = {
    ...others,
    'model.safetensors.index.json': json({ metadata: { total_size: 1 }, weight_map: map }),
    [first]: writeSafetensors(new Map(half)),
    [second]: writeSafetensors(new Map(rest)),
  }
  const index = (weight_map: unknown) => ({ 'model.safetensors.index.json': json({ weight_map }) })

  it('is the one in a single file', async () => {
    expect((await open(shards)).weights).toEqual(weights)
  })

  it.each<[string, Files, string]>([
    ['whose index has no map', { 'model.safetensors.index.json': json({}) }, 'model.index_invalid'],
    ['whose index is null', { 'model.safetensors.index.json': json(null) }, 'model.index_invalid'],
    ['whose index is empty', index({}), 'model.index_invalid'],
    ['whose index is a list', index([first]), 'model.index_invalid'],
    ['whose index leads out of the folder', index({ ...map, [NORM]: '../model.safetensors' }), 'model.index_invalid'],
    ['whose index leads to a pickle', index({ ...map, [NORM]: 'pytorch_model.bin' }), 'model.index_invalid'],
    ['whose index places a tensor in a list', index({ ...map, [NORM]: [first] }), 'model.index_invalid'],
    [
      'whose index places a tensor elsewhere',
      index({ ...map, [NORM]: map[NORM] === first ? second : first }),
      'model.index_invalid',
    ],
    ['whose index places a tensor that is nowhere', index({ ...map, 'model.x': first }), 'model.index_invalid'],
    [
      'whose index names thousands of files',
      index(Object.fromEntries(Array.from({ length: 2000 }, (_, i) => [i, `${i}.safetensors`]))),
      'model.index_invalid',
    ],
    ['that has one file in place of the other', { [second]: shards[first]! }, 'model.index_invalid'],
    ['of which one is cut off', { [second]: shards[second]!.subarray(0, -4) }, 'safetensors.layout_invalid'],
  ])('%s is refused', async (_, change, code) => {
    await expect(open({ ...shards, ...change })).rejects.toThrow(expect.objectContaining({ code }))
  })
})

describe('an adapter among whose files is', () => {
  const peft = JSON.parse(new TextDecoder().decode(goodAdapter['adapter_config.json']))
  const openWith = (change: Files) => openAdapter(config, async (name) => ({ ...goodAdapter, ...change })[name]!)
  const file = goodAdapter['adapter_model.safetensors']!

  it.each<[string, Files, string]>([
    ['a configuration a thousand levels deep', { 'adapter_config.json': text(deep(1000)) }, 'model.file_malformed'],
    ['a configuration of megabytes', { 'adapter_config.json': new Uint8Array(2 << 20) }, 'model.file_too_large'],
    [
      'a configuration with a key twice',
      { 'adapter_config.json': text(`{"r":1,${JSON.stringify(peft).slice(1)}`) },
      'model.file_malformed',
    ],
    [
      'an infinite alpha',
      { 'adapter_config.json': text(JSON.stringify(peft).replace('"lora_alpha":4', '"lora_alpha":1e999')) },
      'adapter.config_invalid',
    ],
    [
      'weights whose header is a bomb',
      { 'adapter_model.safetensors': lengthOf(2n ** 40n) },
      'safetensors.header_invalid',
    ],
    ['weights that are cut off', { 'adapter_model.safetensors': file.subarray(0, -1) }, 'safetensors.layout_invalid'],
    ['weights of another adapter', { 'adapter_model.safetensors': model }, 'adapter.weights_mismatch'],
    [
      'weights that are no numbers',
      {
        'adapter_model.safetensors': writePeftWeights(
          config,
          TINY_LORA,
          new Float32Array(loraParameterCount(config, TINY_LORA)).fill(Number.NaN),
        ),
      },
      'safetensors.value_invalid',
    ],
  ])('%s is refused', async (_, change, code) => {
    await expect(openWith(change)).rejects.toThrow(expect.objectContaining({ code }))
  })
})

function lengthOf(length: bigint): Uint8Array {
  const file = new Uint8Array(model)
  new DataView(file.buffer).setBigUint64(0, length, true)
  return file
}

/** Moves the last tensor by so many bytes. */
function shift(header: Record<string, Entry>, bytes: number): object {
  const located = Object.entries(header).filter(([, { data_offsets }]) => data_offsets !== undefined)
  const [name, last] = located.reduce((a, b) => (a[1].data_offsets[1] > b[1].data_offsets[1] ? a : b))
  const [start, end] = last.data_offsets
  return { ...header, [name]: { ...last, data_offsets: [start + bytes, end + bytes] } }
}
