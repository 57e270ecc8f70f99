import { describe, expect, it } from 'vitest'
import { initialAdapter, loraMatrix, loraParameterCount, loraParameters } from './lora.ts'
import { parsePeftConfig, readPeftWeights, toPeftConfig, writePeftWeights } from './peft.ts'
import { readSafetensors, toFloat32 } from './safetensors.ts'
import { randomVector, TINY, TINY_LORA } from './testing/tiny-model.ts'

const adapter = randomVector(loraParameterCount(TINY, TINY_LORA), 1, 4)
const file = writePeftWeights(TINY, TINY_LORA, adapter)
const peftConfig = toPeftConfig(TINY_LORA, 'openledger/base')

describe('PEFT files', () => {
  it('come back as they were written, to the bit', () => {
    expect(parsePeftConfig(JSON.parse(JSON.stringify(peftConfig)))).toEqual(TINY_LORA)
    expect(readPeftWeights(TINY, TINY_LORA, file)).toEqual(adapter)
  })

  it("have PEFT's names, and its layout: A as [rank, in], B as [out, rank]", () => {
    const { tensors } = readSafetensors(file)
    const a = tensors.get('base_model.model.model.layers.1.self_attn.q_proj.lora_A.weight')!
    const b = tensors.get('base_model.model.model.layers.0.mlp.down_proj.lora_B.weight')!
    expect(a.shape).toEqual([2, 16])
    expect(b.shape).toEqual([16, 2])
    const parameter = loraParameters(TINY, TINY_LORA).find(
      ({ layer, projection, matrix }) => layer === 1 && projection === 'q' && matrix === 'A',
    )!
    expect(toFloat32(a)[1 * 16 + 5]).toBe(loraMatrix(adapter, parameter)[5 * 2 + 1])
    expect(peftConfig.target_modules).toEqual(['q_proj', 'v_proj', 'o_proj', 'up_proj', 'down_proj'])
  })

  it.each<[string, unknown]>([
    ['r', 0],
    ['r', 1e6],
    ['lora_alpha', '16'],
    ['target_modules', []],
    ['target_modules', 'all-linear'],
    ['use_rslora', 'yes'],
  ])('with %s = %j are refused', (field, value) => {
    expect(() => parsePeftConfig({ ...peftConfig, [field]: value })).toThrow(
      expect.objectContaining({ code: 'adapter.config_invalid' }),
    )
  })

  it.each<[string, unknown]>([
    ['peft_type', 'IA3'],
    ['use_dora', true],
    ['layers_to_transform', [0]],
    ['lora_bias', true],
    ['layer_replication', [[0, 1]]],
    ['use_qalora', true],
    ['a_field_of_tomorrow', 1],
    ['constructor', 1],
    ['bias', 'all'],
    ['rank_pattern', { q_proj: 4 }],
    ['modules_to_save', ['lm_head']],
    ['target_modules', ['q_proj', 'lm_head']],
  ])('with %s = %j ask for what is not computed, and are refused', (field, value) => {
    expect(() => parsePeftConfig({ ...peftConfig, [field]: value })).toThrow(
      expect.objectContaining({ code: 'adapter.config_unsupported' }),
    )
  })

  it.each([
    ['another rank', { ...TINY_LORA, rank: 3 }],
    ['a target more', { ...TINY_LORA, targets: [...TINY_LORA.targets, 'gate' as const] }],
    ['a target less', { ...TINY_LORA, targets: ['q' as const] }],
  ])('whose configuration has %s do not fit', (_, lora) => {
    expect(() => readPeftWeights(TINY, lora, file)).toThrow(
      expect.objectContaining({ code: 'adapter.weights_mismatch' }),
    )
  })
})

describe('an adapter', () => {
  it('has its matrices one after the other without a gap', () => {
    let next = 0
    for (const { offset, length } of loraParameters(TINY, TINY_LORA)) {
      expect(offset).toBe(next)
      next += length
    }
    expect(next).toBe(adapter.length)
  })

  it('begins with B = 0, so that it changes nothing', () => {
    const fresh = initialAdapter(TINY, TINY_LORA, 1)
    for (const parameter of loraParameters(TINY, TINY_LORA)) {
      const isZero = loraMatrix(fresh, parameter).every((value) => value === 0)
      expect(isZero).toBe(parameter.matrix === 'B')
    }
  })

  it('of another length is refused', () => {
    expect(() => writePeftWeights(TINY, TINY_LORA, adapter.subarray(1))).toThrow(
      expect.objectContaining({ code: 'adapter.weights_mismatch' }),
    )
  })
})
