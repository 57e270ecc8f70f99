import { describe, expect, it } from 'vitest'
import { toHuggingFaceConfig } from './hugging-face-config.ts'
import { loraParameterCount } from './lora.ts'
import { openAdapter, openBaseModel } from './model-files.ts'
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
