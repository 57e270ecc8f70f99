import { fc, test as propertyTest } from '@fast-check/vitest'
import { describe, expect, test } from 'vitest'
import { suffixArray } from './suffix-array.ts'

/** Sorts whole suffixes: the definition. */
function byDefinition(tokens: readonly number[]): number[] {
  const suffixes = tokens.map((_, start) => tokens.slice(start))
  const compare = (a: number[], b: number[]) => {
    for (let i = 0; i < Math.min(a.length, b.length); i++) if (a[i] !== b[i]) return a[i]! - b[i]!
    return a.length - b.length
  }
  return tokens.map((_, start) => start).sort((a, b) => compare(suffixes[a]!, suffixes[b]!))
}

describe('suffix array', () => {
  propertyTest.prop(
    [fc.integer({ min: 1, max: 6 }).chain((alphabet) => fc.array(fc.nat({ max: alphabet - 1 }), { maxLength: 80 }))],
    { numRuns: 1500 },
  )('equals sorting the suffixes themselves', (tokens) => {
    expect([...suffixArray(Int32Array.from(tokens), 6)]).toEqual(byDefinition(tokens))
  })

  test.each([
    ['nothing', []],
    ['one token', [3]],
    ['one value repeated', Array(50).fill(2)],
    ['ascending', Array.from({ length: 40 }, (_, i) => i)],
    ['descending', Array.from({ length: 40 }, (_, i) => 39 - i)],
    ['mississippi', [...'mississippi'].map((letter) => 'imps'.indexOf(letter))],
    ['periods inside periods', Array.from({ length: 243 }, (_, i) => [0, 1, 0, 2, 0, 1, 0, 3][i % 8]!)],
  ])('%s', (_, tokens) => {
    expect([...suffixArray(Int32Array.from(tokens), 40)]).toEqual(byDefinition(tokens))
  })

  test('a large sequence over a large alphabet comes out as a sorted permutation', () => {
    const n = 200_000
    let state = 1
    const tokens = Int32Array.from({ length: n }, () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0
      return (state >>> 8) % (state & 1 ? 20 : 30_000)
    })
    const suffixes = suffixArray(tokens, 30_000)
    expect(new Set(suffixes).size).toBe(n)
    const isSorted = (a: number, b: number) => {
      while (a < n && b < n && tokens[a] === tokens[b]) [a, b] = [a + 1, b + 1]
      return b < n && (a >= n || tokens[a]! < tokens[b]!)
    }
    let wrong = 0
    for (let i = 1; i < n; i++) if (!isSorted(suffixes[i - 1]!, suffixes[i]!)) wrong++
    expect(wrong).toBe(0)
  })
})
