import { fc, test as propertyTest } from '@fast-check/vitest'
import { describe, expect, test } from 'vitest'
import type { GradientSource } from '../features/gradient-source.ts'
import { computeAnswerFeatures, quantiseGradient } from './answer-features.ts'

const gradients = fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: 1, maxLength: 50 })

describe('quantised gradients', () => {
  propertyTest.prop([gradients], { numRuns: 1000 })(
    'use the whole of int8 with a power-of-two scale, each coordinate off by at most half a step',
    (values) => {
      const gradient = Float32Array.from(values)
      const largest = Math.max(...gradient.map(Math.abs))
      const quantised = quantiseGradient(gradient)
      if (largest === 0) {
        expect([...quantised]).toEqual(values.map(() => 0))
        return
      }
      const most = Math.max(...quantised.map((value) => Math.abs(value)))
      expect(most).toBeGreaterThanOrEqual(63)
      expect(most).toBeLessThanOrEqual(127)
      const step = 2 ** Math.ceil(Math.log2(largest / 127) - 1e-9)
      for (const [i, value] of gradient.entries()) {
        expect(Math.abs(quantised[i]! * step - value)).toBeLessThanOrEqual(step / 2)
      }
    },
  )

  test('round halves up and keep what a power of two multiplies', () => {
    expect([...quantiseGradient(Float32Array.of(127, 0.5, -0.5, 1.5, -1.5))]).toEqual([127, 1, 0, 2, -1])
    expect(quantiseGradient(Float32Array.of(3e-30, -1e-30))).toEqual(
      quantiseGradient(Float32Array.of(3, -1).map((v) => v * 1e-30)),
    )
    expect(quantiseGradient(Float32Array.of(96, -32))).toEqual(quantiseGradient(Float32Array.of(0.75, -0.25)))
  })
})

describe('answer features', () => {
  const sequence = { inputs: [1], targets: [2], weights: [1] }
  const source = (values: Record<string, number[]>): GradientSource => ({
    parameters: 2,
    gradients: async (checkpoint) => Float32Array.from(values[checkpoint]!),
    sampleTargets: async (_, sequences) => [...sequences],
  })

  test('stand in the order of the layers', async () => {
    const features = await computeAnswerFeatures(source({ a: [127, 0], b: [0, -64] }), ['b', 'a'], sequence)
    expect([...features]).toEqual([0, -64, 127, 0])
  })

  test('are refused where a gradient is not finite', async () => {
    const features = computeAnswerFeatures(source({ a: [1, 2], b: [Number.NaN, 1] }), ['a', 'b'], sequence)
    await expect(features).rejects.toMatchObject({ code: 'influence.not_finite' })
  })
})
