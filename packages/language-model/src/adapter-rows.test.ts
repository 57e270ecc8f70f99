import { describe, expect, it } from 'vitest'
import { emptyAdapterRows, loadAdapterRow, packAdapterRows } from './adapter-rows.ts'
import { type LoraConfig, loraMatrix, loraParameterCount, loraParameters } from './lora.ts'
import { randomVector, TINY } from './testing/tiny-model.ts'

const lora: LoraConfig = { rank: 2, alpha: 8, targets: ['q', 'down'] }
const weights = randomVector(loraParameterCount(TINY, lora), 1, 9)
const served = { rank: 3, targets: ['down', 'q', 'v'] as const }

describe('rows of adapters', () => {
  it('hold A as it is, B scaled, and zeros where the adapter has nothing', () => {
    const rows = packAdapterRows(TINY, served, [undefined, { lora, weights }])
    const a = rows.get('lora_A.1.q')!
    const b = rows.get('lora_B.1.q')!
    expect([a.dims, b.dims]).toEqual([
      [2, 16, 3],
      [2, 3, 16],
    ])
    const [ofA, ofB] = loraParameters(TINY, lora)
      .filter(({ layer, projection }) => layer === 1 && projection === 'q')
      .map((parameter) => loraMatrix(weights, parameter))
    const rowOf = (values: Float32Array) => [...values.subarray(values.length / 2)]
    expect(rowOf(a.values)).toEqual([...ofA!].flatMap((value, i) => (i % 2 === 1 ? [value, 0] : [value])))
    expect(rowOf(b.values)).toEqual([...ofB!.map((value) => value * 4), ...new Array(16).fill(0)])
    expect(a.values.subarray(0, 16 * 3).every((value) => value === 0)).toBe(true)
    expect(rows.get('lora_A.0.v')!.values.every((value) => value === 0)).toBe(true)
  })

  it('are emptied when the adapter leaves', () => {
    const rows = packAdapterRows(TINY, served, [{ lora, weights }])
    loadAdapterRow(TINY, served, rows, 0, undefined)
    expect(rows).toEqual(emptyAdapterRows(TINY, served, 1))
  })

  it.each([
    ['rank', { ...lora, rank: 4 }],
    ['targets', { ...lora, targets: ['gate' as const] }],
  ])('have no place for an adapter of other %s', (_, other) => {
    const adapter = { lora: other, weights: new Float32Array(loraParameterCount(TINY, other)) }
    expect(() => packAdapterRows(TINY, served, [adapter])).toThrow(
      expect.objectContaining({ code: 'adapter.config_unsupported' }),
    )
  })
})
