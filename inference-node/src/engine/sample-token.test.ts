import { seededRandom } from '@openledger/language-model'
import { describe, expect, it } from 'vitest'
import { nucleusFloor, sampleToken } from './sample-token.ts'

const logits = Float32Array.of(1, 3, 2, 3, -4)

describe('sampleToken', () => {
  it('takes the likeliest token at temperature 0, the lowest of several that tie', () => {
    expect(sampleToken(logits, 0, { temperature: 0, topP: 1, seed: 9 })).toBe(1)
  })

  it('takes the same token for the same seed and place, and others for other places', () => {
    const draw = (index: number) => sampleToken(new Float32Array(500), index, { temperature: 1, topP: 1, seed: 4 })
    const places = Array.from({ length: 20 }, (_, index) => index)
    expect(places.map(draw)).toEqual(places.map(draw))
    expect(new Set(places.map(draw)).size).toBeGreaterThan(15)
  })

  it('draws from the softmax', () => {
    const draws = 20_000
    const counts = new Array<number>(logits.length).fill(0)
    for (let index = 0; index < draws; index++)
      counts[sampleToken(logits, index, { temperature: 2, topP: 1, seed: 1 })]!++
    const weights = [...logits].map((logit) => Math.exp(logit / 2))
    const total = weights.reduce((a, b) => a + b)
    // Chi-square with 4 degrees of freedom: 18.5 is passed once in a thousand; the seed is fixed.
    const chiSquare = weights.reduce((sum, weight, token) => {
      const expected = (draws * weight) / total
      return sum + (counts[token]! - expected) ** 2 / expected
    }, 0)
    expect(chiSquare).toBeLessThan(18.5)
  })

  it('never leaves the nucleus', () => {
    // Softmax of the logits: .053 .39 .14 .39 .0004: a nucleus of 0.5 needs both of the likeliest.
    const seen = new Set<number>()
    for (let index = 0; index < 500; index++)
      seen.add(sampleToken(logits, index, { temperature: 1, topP: 0.5, seed: 2 }))
    expect([...seen].sort()).toEqual([1, 3])
  })

  it('is greedy when the nucleus holds one token only', () => {
    const single = Float32Array.of(0, 5, 1)
    for (let index = 0; index < 50; index++) {
      expect(sampleToken(single, index, { temperature: 1, topP: 0.01, seed: index })).toBe(1)
    }
  })

  it('finds the nucleus that sorting all tokens gives', () => {
    const random = seededRandom(8)
    for (let trial = 0; trial < 60; trial++) {
      const sharpness = [0.1, 1, 6][trial % 3]!
      const flat = Float32Array.from({ length: 300 }, () => random.normal() * sharpness)
      const topP = [0.3, 0.9, 0.999][trial % 3]!
      const order = [...flat.keys()].sort((a, b) => flat[b]! - flat[a]!)
      const wanted = topP * flat.reduce((sum, logit) => sum + Math.exp(logit), 0)
      let reached = 0
      let edge = Number.NEGATIVE_INFINITY
      for (const token of order) {
        if (reached >= wanted) break
        reached += Math.exp(flat[token]!)
        edge = flat[token]!
      }
      expect(nucleusFloor(flat, { temperature: 1, topP, seed: 0 })).toBe(edge)
    }
  })
})
