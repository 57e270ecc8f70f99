import { describe, expect, it } from 'vitest'
import { parseModelConfig, toHuggingFaceConfig } from './hugging-face-config.ts'
import { TINY } from './testing/tiny-model.ts'

const file = toHuggingFaceConfig(TINY, { bosId: 0, eosId: 0 }) as Record<string, unknown>

describe('config.json', () => {
  it('comes back as it was written', () => {
    expect(parseModelConfig(JSON.parse(JSON.stringify(file)))).toEqual(TINY)
  })

  it('takes what it may leave out from the rest', () => {
    const { num_key_value_heads, head_dim, rope_theta, ...rest } = file
    const config = parseModelConfig({ ...rest, rope_parameters: { rope_theta: 500_000, rope_type: 'default' } })
    expect(config).toEqual({ ...TINY, kvHeads: TINY.heads, headDim: TINY.hiddenSize / TINY.heads, ropeTheta: 500_000 })
  })

  it.each<[string, unknown]>([
    ['hidden_size', 0],
    ['hidden_size', 1.5],
    ['hidden_size', '16'],
    ['vocab_size', undefined],
    ['num_hidden_layers', 1e9],
    ['num_key_value_heads', 3],
    ['head_dim', 3],
    ['rms_norm_eps', -1],
    ['rms_norm_eps', Number.NaN],
    ['tie_word_embeddings', 'yes'],
  ])('with %s = %s is refused', (field, value) => {
    expect(() => parseModelConfig({ ...file, [field]: value })).toThrow(
      expect.objectContaining({ code: 'model.config_invalid', facts: expect.objectContaining({ field }) }),
    )
  })

  it.each<[string, unknown]>([
    ['model_type', 'gpt2'],
    ['hidden_act', 'gelu'],
    ['attention_bias', true],
    ['mlp_bias', true],
    ['rope_scaling', { rope_type: 'llama3' }],
    ['rope_parameters', { rope_type: 'yarn' }],
    ['sliding_window', 128],
    ['quantization_config', {}],
  ])('with %s = %j asks for what is not computed, and is refused', (field, value) => {
    expect(() => parseModelConfig({ ...file, [field]: value })).toThrow(
      expect.objectContaining({ code: 'model.config_unsupported' }),
    )
  })

  it.each([null, [], 'text', 7])('that is %j is refused', (json) => {
    expect(() => parseModelConfig(json)).toThrow(expect.objectContaining({ code: 'model.config_invalid' }))
  })
})
