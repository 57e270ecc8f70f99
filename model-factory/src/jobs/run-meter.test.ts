import { expect, it } from 'vitest'
import { RunMeter } from './run-meter.ts'

const step = (seed: number, at: number) => ({ kind: 'step', seed, step: at, steps: 10, loss: 2, tokens: 100 }) as const

it('tells tokens a second and the time to go, from where this attempt began', () => {
  let now = 0
  const meter = new RunMeter(1, () => now)
  expect(meter.read(step(1, 5))).toMatchObject({ step: 5, tokensPerSecond: null, etaSeconds: null })
  now = 2_000
  expect(meter.read(step(1, 6))).toMatchObject({ tokensPerSecond: 50, etaSeconds: expect.closeTo(8) })
})

it('keeps the last step and not every one', () => {
  let now = 0
  const meter = new RunMeter(2, () => now)
  meter.read(step(1, 1))
  now = 100
  expect(meter.read(step(1, 2))).toBeNull()
  expect(meter.read(step(2, 1))).toMatchObject({ seed: 2 })
  expect(meter.read(step(1, 10))).toMatchObject({ step: 10 })
})

it('gives each phase its name', () => {
  const meter = new RunMeter(1)
  expect(meter.read({ kind: 'clustered', records: 3, canonical: 2 })?.phase).toBe('reading')
  expect(meter.read({ kind: 'validated', seed: 1, checkpoint: 'initial', loss: 3 })).toMatchObject({
    phase: 'training',
    validationLoss: 3,
  })
  expect(meter.read({ kind: 'evaluating' })?.phase).toBe('evaluating')
})
