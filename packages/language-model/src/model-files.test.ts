import { describe, expect, it } from 'vitest'
import { encodeChat, renderChat } from './chat.ts'
import { toHuggingFaceConfig } from './hugging-face-config.ts'
import { loraParameterCount } from './lora.ts'
import { BASE_MODEL_FILES, baseModelFiles, openAdapter, openBaseModel } from './model-files.ts'
import { toPeftConfig, writePeftWeights } from './peft.ts'
import { recordTokens } from './record-tokens.ts'
import { BYTE_TOKENIZER_CONFIG, byteTokenizerJson } from './testing/byte-tokenizer.ts'
import { randomVector, TINY, TINY_LORA, tinyBase } from './testing/tiny-model.ts'
import { writeModelWeights } from './weights.ts'

const config = { ...TINY, vocabSize: 257 }
const { weights } = tinyBase(config)
const json = (value: unknown) => new TextEncoder().encode(JSON.stringify(value))
const files: Record<string, Uint8Array> = {
  'config.json': json(toHuggingFaceConfig(config, { bosId: 0, eosId: 0 })),
  'model.safetensors': writeModelWeights(config, weights, 'F32'),
  'tokenizer.json': json(byteTokenizerJson()),
  'tokenizer_config.json': json(BYTE_TOKENIZER_CONFIG),
}
const readFrom = (some: Record<string, Uint8Array>) => async (name: string) => some[name]!

describe('a base model', () => {
  it('is opened from its files', async () => {
    const base = await openBaseModel(readFrom(files))
    expect(base.config).toEqual(config)
    expect(base.weights).toEqual(weights)
    expect(base.tokenizer.decode(base.tokenizer.encode('text'))).toBe('text')
  })

  it('whose tokenizer knows more tokens than it does is refused', async () => {
    const larger = { ...files, 'tokenizer.json': json(byteTokenizerJson(['t h'])) }
    await expect(openBaseModel(readFrom(larger))).rejects.toThrow(
      expect.objectContaining({ code: 'model.config_invalid' }),
    )
  })

  it('with a file that is no JSON is refused, by its name', async () => {
    const broken = { ...files, 'tokenizer_config.json': new TextEncoder().encode('{') }
    await expect(openBaseModel(readFrom(broken))).rejects.toThrow(
      expect.objectContaining({ code: 'model.file_malformed', facts: { file: 'tokenizer_config.json' } }),
    )
  })
})

describe('a base model with more files', () => {
  const openAll = (more: Record<string, Uint8Array>) => {
    const all = { ...files, ...more }
    return openBaseModel(readFrom(all), Object.keys(all))
  }

  it('ends at the ends that it names and where its tokenizer ends', async () => {
    expect((await openAll({})).endIds).toEqual([0])
    expect((await openAll({ 'generation_config.json': json({ eos_token_id: 7 }) })).endIds).toEqual([0, 7])
    expect((await openAll({ 'generation_config.json': json({ eos_token_id: [9, 7, 0] }) })).endIds).toEqual([0, 7, 9])
    expect((await openAll({ 'generation_config.json': json({ do_sample: false }) })).endIds).toEqual([0])
  })

  it('takes the chat template that is a file of its own', async () => {
    const template = "{{ messages[0]['content'] }}"
    const { tokenizer } = await openAll({ 'chat_template.jinja': new TextEncoder().encode(template) })
    expect(tokenizer.chatTemplate).toBe(template)
    expect(renderChat(tokenizer, [{ role: 'user', content: 'hello' }])).toBe('hello')
  })

  it('has no conversations without a template, and says why one is refused', async () => {
    const messages = [{ role: 'user', content: 'hello' }]
    const { tokenizer } = await openAll({})
    expect(() => renderChat(tokenizer, messages)).toThrow(expect.objectContaining({ code: 'tokenizer.no_chat' }))
    const refusing = new TextEncoder().encode("{{ raise_exception('only poems') }}")
    const other = await openAll({ 'chat_template.jinja': refusing })
    expect(() => encodeChat(other.tokenizer, messages)).toThrow(
      expect.objectContaining({ code: 'tokenizer.no_chat', facts: { reason: 'only poems' } }),
    )
  })

  it('reads what it needs and what is welcome, and nothing else', () => {
    expect(baseModelFiles(['README.md', 'pytorch_model.bin'])).toEqual(BASE_MODEL_FILES)
    const index = [
      'model.safetensors.index.json',
      'model-00001-of-00001.safetensors',
      'generation_config.json',
      'x.bin',
    ]
    expect(baseModelFiles(index)).toEqual([
      'config.json',
      'tokenizer.json',
      'tokenizer_config.json',
      'model.safetensors.index.json',
      'generation_config.json',
      'model-00001-of-00001.safetensors',
    ])
  })

  it('of billions of parameters is refused before its weights are read', async () => {
    const large = toHuggingFaceConfig({ ...config, hiddenSize: 4096, layers: 32 }, { bosId: 0, eosId: 0 })
    const read = async (name: string) => {
      if (name === 'model.safetensors') throw new Error('it was read')
      return name === 'config.json' ? json({ ...large, intermediate_size: 14_336 }) : files[name]!
    }
    await expect(openBaseModel(read)).rejects.toThrow(expect.objectContaining({ code: 'model.too_large' }))
  })
})

it('an adapter is opened from its PEFT files', async () => {
  const adapter = randomVector(loraParameterCount(config, TINY_LORA), 1, 2)
  const peft = {
    'adapter_config.json': json(toPeftConfig(TINY_LORA, 'base')),
    'adapter_model.safetensors': writePeftWeights(config, TINY_LORA, adapter),
  }
  expect(await openAdapter(config, readFrom(peft))).toEqual({ lora: TINY_LORA, weights: adapter })
})

it('a record begins, ends, and is cut off where it is longer than the context', async () => {
  const { tokenizer } = await openBaseModel(readFrom(files))
  const tokens = recordTokens(tokenizer, 'abc', 4)
  expect(tokens).toEqual([tokenizer.bosId, ...tokenizer.encode('abc'), tokenizer.eosId])
  expect(recordTokens(tokenizer, 'abc', 2)).toEqual(tokens.slice(0, 3))
})
