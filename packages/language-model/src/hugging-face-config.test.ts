import { describe, expect, it } from 'vitest'
import { type ModelConfig, PROJECTIONS } from './config.ts'
import { parseModelConfig, toHuggingFaceConfig } from './hugging-face-config.ts'
import { TINY } from './testing/tiny-model.ts'

const file = toHuggingFaceConfig(TINY, { bosId: 0, eosId: 0 }) as Record<string, unknown>
const MISTRAL = { ...file, model_type: 'mistral', architectures: ['MistralForCausalLM'], attention_bias: undefined }
const QWEN_3 = { ...file, model_type: 'qwen3', architectures: ['Qwen3ForCausalLM'] }
const own = ({ mlp_bias, pretraining_tp, ...rest }: Record<string, unknown>) => rest
const mistral = own(MISTRAL)
const qwen3 = own(QWEN_3)

describe('config.json', () => {
  it.each<[string, Partial<ModelConfig>]>([
    ['of LLaMA', {}],
    ['of LLaMA with biases', { biases: PROJECTIONS }],
    ['of LLaMA with biases in its attention', { biases: ['q', 'k', 'v', 'o'] }],
    ['of Mistral', { family: 'mistral', slidingWindow: { tokens: 8, layers: [0, 1] } }],
    ['of Mistral without a window', { family: 'mistral' }],
    ['of Qwen2', { family: 'qwen2', biases: ['q', 'k', 'v'], slidingWindow: { tokens: 8, layers: [1] } }],
    ['of Qwen3', { family: 'qwen3', hasHeadNorms: true }],
    ['of SmolLM3', { family: 'smollm3', unrotatedLayers: [1] }],
    ['with slower angles', { rotaryScaling: { kind: 'linear', factor: 2 } }],
    ['with angles for what lies beyond', { rotaryScaling: { kind: 'dynamic', factor: 2 } }],
    [
      "with Llama 3's angles",
      {
        rotaryScaling: {
          kind: 'llama3',
          factor: 8,
          lowFrequencyFactor: 1,
          highFrequencyFactor: 4,
          trainedPositions: 16,
        },
      },
    ],
    [
      "with YaRN's angles",
      {
        rotaryScaling: {
          kind: 'yarn',
          factor: 4,
          attentionFactor: 1.1,
          betaFast: 32,
          betaSlow: 1,
          isTruncated: true,
          trainedPositions: 8,
        },
      },
    ],
  ])('%s comes back as it was written', (_, extras) => {
    const config = { ...TINY, ...extras }
    const written = toHuggingFaceConfig(config, { bosId: 0, eosId: 0 })
    expect(parseModelConfig(JSON.parse(JSON.stringify(written)))).toEqual(config)
  })

  it.each<[string, object, Partial<ModelConfig>]>([
    [
      'Llama 3.2 1B',
      {
        architectures: ['LlamaForCausalLM'],
        attention_bias: false,
        attention_dropout: 0.0,
        bos_token_id: 128_000,
        eos_token_id: [128_001, 128_008, 128_009],
        head_dim: 64,
        hidden_act: 'silu',
        hidden_size: 2048,
        initializer_range: 0.02,
        intermediate_size: 8192,
        max_position_embeddings: 131_072,
        mlp_bias: false,
        model_type: 'llama',
        num_attention_heads: 32,
        num_hidden_layers: 16,
        num_key_value_heads: 8,
        pretraining_tp: 1,
        rms_norm_eps: 1e-5,
        rope_scaling: {
          factor: 32,
          high_freq_factor: 4,
          low_freq_factor: 1,
          original_max_position_embeddings: 8192,
          rope_type: 'llama3',
        },
        rope_theta: 500_000,
        tie_word_embeddings: true,
        torch_dtype: 'bfloat16',
        transformers_version: '4.45.0.dev0',
        use_cache: true,
        vocab_size: 128_256,
      },
      { headDim: 64, rotaryScaling: expect.objectContaining({ kind: 'llama3', factor: 32 }) },
    ],
    [
      'SmolLM2 135M',
      {
        architectures: ['LlamaForCausalLM'],
        attention_bias: false,
        attention_dropout: 0.0,
        bos_token_id: 0,
        eos_token_id: 0,
        hidden_act: 'silu',
        hidden_size: 576,
        initializer_range: 0.041666666666666664,
        intermediate_size: 1536,
        is_llama_config: true,
        max_position_embeddings: 8192,
        mlp_bias: false,
        model_type: 'llama',
        num_attention_heads: 9,
        num_hidden_layers: 30,
        num_key_value_heads: 3,
        pretraining_tp: 1,
        rms_norm_eps: 1e-5,
        rope_interleaved: false,
        rope_scaling: null,
        rope_theta: 100_000,
        tie_word_embeddings: true,
        torch_dtype: 'bfloat16',
        transformers_version: '4.40.1',
        use_cache: true,
        vocab_size: 49_152,
      },
      { headDim: 64, kvHeads: 3 },
    ],
    [
      'Mistral 7B',
      {
        architectures: ['MistralForCausalLM'],
        bos_token_id: 1,
        eos_token_id: 2,
        hidden_act: 'silu',
        hidden_size: 4096,
        initializer_range: 0.02,
        intermediate_size: 14_336,
        max_position_embeddings: 32_768,
        model_type: 'mistral',
        num_attention_heads: 32,
        num_hidden_layers: 32,
        num_key_value_heads: 8,
        rms_norm_eps: 1e-5,
        rope_theta: 10_000,
        sliding_window: 4096,
        tie_word_embeddings: false,
        torch_dtype: 'bfloat16',
        transformers_version: '4.34.0.dev0',
        use_cache: true,
        vocab_size: 32_000,
      },
      { slidingWindow: { tokens: 4096, layers: Array.from({ length: 32 }, (_, layer) => layer) } },
    ],
    [
      'Qwen2.5 0.5B',
      {
        architectures: ['Qwen2ForCausalLM'],
        attention_dropout: 0.0,
        bos_token_id: 151_643,
        eos_token_id: 151_643,
        hidden_act: 'silu',
        hidden_size: 896,
        initializer_range: 0.02,
        intermediate_size: 4864,
        max_position_embeddings: 32_768,
        max_window_layers: 24,
        model_type: 'qwen2',
        num_attention_heads: 14,
        num_hidden_layers: 24,
        num_key_value_heads: 2,
        rms_norm_eps: 1e-6,
        rope_theta: 1_000_000,
        sliding_window: 32_768,
        tie_word_embeddings: true,
        torch_dtype: 'bfloat16',
        transformers_version: '4.40.1',
        use_cache: true,
        use_mrope: false,
        use_sliding_window: false,
        vocab_size: 151_936,
      },
      { biases: ['q', 'k', 'v'], tieWordEmbeddings: true },
    ],
    [
      'Qwen3 0.6B',
      {
        architectures: ['Qwen3ForCausalLM'],
        attention_bias: false,
        attention_dropout: 0.0,
        bos_token_id: 151_643,
        eos_token_id: 151_645,
        head_dim: 128,
        hidden_act: 'silu',
        hidden_size: 1024,
        initializer_range: 0.02,
        intermediate_size: 3072,
        max_position_embeddings: 40_960,
        max_window_layers: 28,
        model_type: 'qwen3',
        num_attention_heads: 16,
        num_hidden_layers: 28,
        num_key_value_heads: 8,
        rms_norm_eps: 1e-6,
        rope_scaling: null,
        rope_theta: 1_000_000,
        sliding_window: null,
        tie_word_embeddings: true,
        torch_dtype: 'bfloat16',
        transformers_version: '4.51.0',
        use_cache: true,
        use_sliding_window: false,
        vocab_size: 151_936,
      },
      { headDim: 128, hasHeadNorms: true },
    ],
  ])('of %s is read as it is published', (_, published, expected) => {
    expect(parseModelConfig(published)).toMatchObject(expected)
  })

  it('takes what it may leave out from the rest', () => {
    const { num_key_value_heads, head_dim, rope_theta, ...rest } = file
    const config = parseModelConfig({ ...rest, rope_parameters: { rope_theta: 500_000, rope_type: 'default' } })
    expect(config).toEqual({ ...TINY, kvHeads: TINY.heads, headDim: TINY.hiddenSize / TINY.heads, ropeTheta: 500_000 })
  })

  it("takes what it leaves out from its family's defaults", () => {
    const silent = { ...qwen3, head_dim: undefined, max_position_embeddings: undefined }
    expect(parseModelConfig(silent)).toMatchObject({ headDim: 128, maxPositions: 32_768 })
    // 8 groups do not fit into 4 heads: absent and null are not the same.
    expect(() => parseModelConfig({ ...mistral, num_key_value_heads: undefined })).toThrow('num_key_value_heads')
    expect(parseModelConfig({ ...mistral, num_key_value_heads: null }).kvHeads).toBe(TINY.heads)
  })

  it.each<[string, Record<string, unknown>, ModelConfig['slidingWindow']]>([
    [
      'of 4096 where Mistral says nothing',
      { ...mistral, max_position_embeddings: 8192 },
      { tokens: 4096, layers: [0, 1] },
    ],
    ['none where Mistral says null', { ...mistral, max_position_embeddings: 8192, sliding_window: null }, undefined],
    ['none where the context is shorter', { ...mistral, sliding_window: 32 }, undefined],
    ['none where Qwen does not use it', { ...qwen3, use_sliding_window: false, sliding_window: 4 }, undefined],
    [
      'on the layers from the one that Qwen names',
      { ...qwen3, use_sliding_window: true, sliding_window: 4, max_window_layers: 1 },
      { tokens: 4, layers: [1] },
    ],
    [
      'on the layers that are listed',
      {
        ...qwen3,
        use_sliding_window: true,
        sliding_window: 4,
        layer_types: ['sliding_attention', 'full_attention'],
      },
      { tokens: 4, layers: [0] },
    ],
  ])('has a window %s', (_, fields, window) => {
    expect(parseModelConfig(fields).slidingWindow).toEqual(window)
  })

  it('takes no notice of what says nothing about the numbers', () => {
    const silent = { transformers_version: '4.44.0', use_cache: false, pad_token_id: 0, pruned_heads: null }
    expect(parseModelConfig({ ...file, ...silent })).toEqual(TINY)
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
    ['rope_theta', Number.POSITIVE_INFINITY],
    ['tie_word_embeddings', 'yes'],
    ['attention_bias', 1],
  ])('with %s = %s is refused', (field, value) => {
    expect(() => parseModelConfig({ ...file, [field]: value })).toThrow(
      expect.objectContaining({ code: 'model.config_invalid', facts: expect.objectContaining({ field }) }),
    )
  })

  it.each<[string, unknown]>([
    ['model_type', 'gpt2'],
    ['model_type', undefined],
    ['architectures', ['LlamaForSequenceClassification']],
    ['architectures', ['LlamaForCausalLM', 'LlamaForCausalLM']],
    ['hidden_act', 'gelu'],
    ['attention_dropout', 0.1],
    ['partial_rotary_factor', 0.5],
    ['quantization_config', {}],
    ['auto_map', { AutoModelForCausalLM: 'modeling.Llama' }],
    ['sliding_window', 128],
    ['attn_logit_softcapping', 50],
    ['embedding_multiplier', 12],
    ['use_qk_norm', true],
    ['no_rope_layers', [1, 0]],
  ])('with %s = %j asks for what is not computed, and is refused by name', (field, value) => {
    expect(() => parseModelConfig({ ...file, [field]: value })).toThrow(
      expect.objectContaining({ code: 'model.config_unsupported', facts: expect.objectContaining({ field }) }),
    )
  })

  it.each<[string, unknown, string]>([
    ['of a kind that is not known', { rope_type: 'longrope', short_factor: [1], long_factor: [2] }, 'unsupported'],
    ['of several axes', { type: 'mrope', mrope_section: [1, 1] }, 'unsupported'],
    ['of a kind named like a method', { rope_type: 'toString' }, 'unsupported'],
    ['of two kinds', { rope_type: 'linear', type: 'yarn', factor: 2 }, 'unsupported'],
    ['with a setting that is not known', { rope_type: 'linear', factor: 2, shift: 1 }, 'unsupported'],
    ['with a setting of another kind', { rope_type: 'linear', factor: 2, beta_fast: 1 }, 'unsupported'],
    ['by layer type', { full_attention: { rope_type: 'default' } }, 'unsupported'],
    ['without a factor', { rope_type: 'linear' }, 'invalid'],
    ['with a factor of zero', { rope_type: 'linear', factor: 0 }, 'invalid'],
    ['with a factor as text', { rope_type: 'yarn', factor: '4' }, 'invalid'],
    ['whose bands are swapped', { rope_type: 'llama3', factor: 8, low_freq_factor: 4, high_freq_factor: 1 }, 'invalid'],
    ['whose angles are no numbers', { rope_type: 'yarn', factor: 4, rope_theta: 1 }, 'invalid'],
    ['that is a list', [1], 'invalid'],
  ])('with a scaling %s is refused', (_, rope_scaling, kind) => {
    const { rope_theta, ...rest } = file
    expect(() => parseModelConfig({ ...rest, rope_scaling })).toThrow(
      expect.objectContaining({ code: `model.config_${kind}` }),
    )
  })

  it('with both forms of scaling is refused', () => {
    const both = { rope_scaling: { type: 'linear', factor: 2 }, rope_parameters: { rope_type: 'default' } }
    expect(() => parseModelConfig({ ...file, ...both })).toThrow(
      expect.objectContaining({ code: 'model.config_unsupported' }),
    )
  })

  it('whose angles would fill gigabytes is refused before they are computed', () => {
    expect(() => parseModelConfig({ ...file, head_dim: 1024, max_position_embeddings: 16_777_216 })).toThrow(
      expect.objectContaining({ code: 'model.config_unsupported' }),
    )
  })

  it.each([null, [], 'text', 7])('that is %j is refused', (json) => {
    expect(() => parseModelConfig(json)).toThrow(expect.objectContaining({ code: 'model.config_invalid' }))
  })
})
