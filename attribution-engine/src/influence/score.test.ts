import { fc, test as propertyTest } from '@fast-check/vitest'
import { digestOf } from '@openledger/protocol'
import { describe, expect, test } from 'vitest'
import { type FeatureSet, leverageCap, scoreByDefinition, scoreRecords } from './score.ts'

const digest = (i: number) => digestOf(Uint8Array.of(i))
const int8 = fc.integer({ min: -128, max: 127 })

const cases = fc
  .record({
    records: fc.integer({ min: 1, max: 5 }),
    parameters: fc.integer({ min: 1, max: 40 }),
    layers: fc.integer({ min: 1, max: 6 }),
  })
  .chain(({ records, parameters, layers }) => {
    const stride = Math.ceil(parameters / 8)
    const layer = fc.record({
      seed: fc.integer({ min: 0, max: 2 }),
      signs: fc.uint8Array({ minLength: records * stride, maxLength: records * stride }),
      scales: fc
        .array(fc.integer({ min: 0, max: 2 ** 24 - 1 }), { minLength: records, maxLength: records })
        .map((s) => Int32Array.from(s)),
      scaleExponent: fc.integer({ min: -60, max: 20 }),
    })
    return fc.record({
      features: fc.array(layer, { minLength: layers, maxLength: layers }).map(
        (list): FeatureSet => ({
          parameters,
          records: Array.from({ length: records }, (_, i) => digest(i)),
          layers: list,
        }),
      ),
      answer: fc
        .array(int8, { minLength: layers * parameters, maxLength: layers * parameters })
        .map((q) => Int8Array.from(q)),
    })
  })

describe('integer scores', () => {
  propertyTest.prop([cases], { numRuns: 300 })('are the same by tables as by definition', ({ features, answer }) => {
    expect(scoreRecords(features, answer)).toEqual(scoreByDefinition(features, answer))
  })

  test('are the same by tables as by definition where many blocks and odd ends meet', () => {
    const parameters = 20_013
    let state = 5
    const random = () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0
      return state >>> 8
    }
    const layer = (seed: number) => ({
      seed,
      signs: Uint8Array.from({ length: 3 * Math.ceil(parameters / 8) }, random),
      scales: Int32Array.of(5_000_000, 9_000_000, 16_000_000),
      scaleExponent: -30 - seed,
    })
    const features = { parameters, records: [0, 1, 2].map(digest), layers: [layer(0), layer(1)] }
    const answer = Int8Array.from({ length: 2 * parameters }, (_, p) => (p < 100 ? -128 : random()))
    expect(scoreRecords(features, answer)).toEqual(scoreByDefinition(features, answer))
  })

  test('are the dot product over the norm: a hand-computed case', () => {
    // q = (3, -4), |q| = 5; signs + -: 3 + 4 = 7; scale 10: 10 · 7 / 5 = 14 units.
    const features: FeatureSet = {
      parameters: 2,
      records: [digest(0)],
      layers: [{ seed: 7, signs: Uint8Array.of(0b10), scales: Int32Array.of(10), scaleExponent: -3 }],
    }
    expect(scoreRecords(features, Int8Array.of(3, -4))).toEqual([[14n]])
  })

  test('weigh layers by their exponents and keep seeds apart', () => {
    const layer = (seed: number, scaleExponent: number) => ({
      seed,
      signs: Uint8Array.of(0),
      scales: Int32Array.of(1),
      scaleExponent,
    })
    const features = { parameters: 1, records: [digest(0)], layers: [layer(2, 0), layer(1, 3), layer(2, 1)] }
    expect(scoreRecords(features, Int8Array.of(1, 1, 1))).toEqual([[1n + 2n, 8n]])
  })

  test('do not change when the answer’s gradient is multiplied by a power of two', () => {
    const layers = [{ seed: 0, signs: Uint8Array.of(0b0110), scales: Int32Array.of(1 << 20), scaleExponent: -20 }]
    const features = { parameters: 4, records: [digest(0)], layers }
    const one = scoreRecords(features, Int8Array.of(3, -7, 12, 30))[0]![0]!
    const four = scoreRecords(features, Int8Array.of(12, -28, 48, 120))[0]![0]!
    expect(Number(one - four)).toBeCloseTo(0, -2) // the norm is rounded in its 16th binary digit
    expect(Number(one)).toBeGreaterThan(1e5)
  })

  test('a layer in which the answer has no gradient counts nothing', () => {
    const layer = { seed: 0, signs: Uint8Array.of(0), scales: Int32Array.of(9), scaleExponent: 0 }
    const features = { parameters: 1, records: [digest(0)], layers: [layer, layer] }
    expect(scoreRecords(features, Int8Array.of(0, 5))).toEqual([[9n]])
    expect(scoreRecords(features, Int8Array.of(0, 0))).toEqual([[0n]])
  })

  test('a record of outlying magnitude weighs at most four times the median record', () => {
    const scales = Int32Array.of(100, 110, 90, 1_000_000)
    expect(leverageCap(scales)).toBe(400n)
    const layer = { seed: 0, signs: new Uint8Array(4), scales, scaleExponent: 0 }
    const features = { parameters: 1, records: [0, 1, 2, 3].map(digest), layers: [layer] }
    expect(scoreRecords(features, Int8Array.of(1))).toEqual([[100n], [110n], [90n], [400n]])
  })

  test('records without any gradient do not lower the cap', () => {
    expect(leverageCap(Int32Array.of(0, 0, 0, 50))).toBe(200n)
    expect(leverageCap(Int32Array.of(0, 0))).toBe(0n)
  })
})
