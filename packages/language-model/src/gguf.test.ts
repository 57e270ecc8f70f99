import { describe, expect, it } from 'vitest'
import { exampleBatch } from './batch.ts'
import { mergeAdapter, writeGguf } from './gguf.ts'
import { loraParameterCount } from './lora.ts'
import { byteTokenizerJson } from './testing/byte-tokenizer.ts'
import { readGguf } from './testing/read-gguf.ts'
import { EVERYTHING, randomSequences, randomVector, TINY, TINY_LORA, tinyBase } from './testing/tiny-model.ts'
import { LossMeter } from './trainer.ts'
import { modelParameters } from './weights.ts'

const config = { ...TINY, vocabSize: 260 }
const base = tinyBase(config)
const terms = { name: 'tiny', tokenizer: byteTokenizerJson(['t h']), bosId: 0, eosId: 0 }

describe('a GGUF file', () => {
  const { metadata, tensors } = readGguf(writeGguf(base, terms))

  it('says what the model is', () => {
    expect(Object.fromEntries(metadata)).toMatchObject({
      'general.architecture': 'llama',
      'llama.block_count': 2,
      'llama.attention.head_count': 4,
      'llama.attention.head_count_kv': 2,
      'llama.rope.freq_base': 10_000,
      'tokenizer.ggml.merges': ['t h'],
      'tokenizer.ggml.bos_token_id': 0,
    })
    const tokens = metadata.get('tokenizer.ggml.tokens') as string[]
    expect([tokens.length, tokens[0], tokens[257], tokens[259]]).toEqual([260, '<|endoftext|>', 'th', '[PAD259]'])
  })

  it('has every weight with its shape, as it is but for the turned rows of queries and keys', () => {
    expect(tensors.size).toBe(modelParameters(config).length)
    expect(tensors.get('token_embd.weight')).toEqual({
      shape: [260, 16],
      values: base.weights.get('model.embed_tokens.weight'),
    })
    expect(tensors.get('blk.1.ffn_down.weight')!.values).toEqual(
      base.weights.get('model.layers.1.mlp.down_proj.weight'),
    )
    const [ours, theirs] = [
      base.weights.get('model.layers.0.self_attn.q_proj.weight')!,
      tensors.get('blk.0.attn_q.weight')!,
    ]
    // Head 1 begins at row 4: its pairs are rows (4, 6) and (5, 7) with us, (4, 5) and (6, 7) there.
    for (const [row, from] of [
      [4, 4],
      [5, 6],
      [6, 5],
      [7, 7],
    ] as const) {
      expect(theirs.values.subarray(row * 16, row * 16 + 16)).toEqual(ours.subarray(from * 16, from * 16 + 16))
    }
  })

  it.each([
    ['biases, norms of heads, scaled angles, windows', EVERYTHING, {}],
    ['a tokenizer that is no BPE', config, { model: { ...terms.tokenizer.model, type: 'Unigram' } }],
    ['a tokenizer that cuts otherwise', config, { pre_tokenizer: { type: 'Metaspace' } }],
  ])('is not written of a model with %s', (_, other, change) => {
    const write = () => writeGguf(tinyBase(other), { ...terms, tokenizer: { ...terms.tokenizer, ...change } })
    expect(write).toThrow(expect.objectContaining({ code: 'model.gguf_unsupported' }))
  })
})

it('a merged base computes what the base with its adapter computes', async () => {
  const adapter = randomVector(loraParameterCount(config, TINY_LORA), 0.2, 3)
  const batch = exampleBatch(
    randomSequences(4, 2, config).map((tokens) => [{ tokens, given: 1 }]),
    0.1,
  )
  const lossOf = async (weights: typeof base.weights, parameters: Float32Array) => {
    const meter = await LossMeter.create(config, { kind: 'lora', weights, lora: TINY_LORA })
    const losses = await meter.losses(parameters, batch)
    await meter.release()
    return losses
  }
  const merged = mergeAdapter(config, base.weights, { lora: TINY_LORA, weights: adapter })
  const [together, apart] = [
    await lossOf(merged, new Float32Array(adapter.length)),
    await lossOf(base.weights, adapter),
  ]
  together.forEach((loss, i) => {
    expect(loss).toBeCloseTo(apart[i]!, 4)
  })
})
