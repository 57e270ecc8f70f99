import { expect, test } from 'vitest'
import { Outages } from './outages.ts'

test('a source that failed is left alone for a moment, and then asked again', () => {
  let now = 0
  const outages = new Outages(() => now)
  expect(outages.isResting('engine')).toBe(false)
  outages.failed('engine')
  expect(outages.isResting('engine')).toBe(true)
  expect(outages.isResting('index')).toBe(false)
  now = 1_000
  expect(outages.isResting('engine')).toBe(false)
})

test('the block of the newest answer that had the source is remembered over an outage', () => {
  const outages = new Outages()
  outages.worked('engine', 7)
  outages.worked('engine', 5)
  outages.failed('engine')
  expect(outages.lastGoodBlock('engine')).toBe(7)
  expect(outages.lastGoodBlock('content')).toBeNull()
})
