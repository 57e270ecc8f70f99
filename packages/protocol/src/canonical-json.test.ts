import { describe, expect, test } from 'vitest'
import { canonicalJson, jsonDigest } from './canonical-json.ts'

const text = (value: unknown) => new TextDecoder().decode(canonicalJson(value))

describe('canonicalJson', () => {
  test('members are sorted and nothing is spaced', () => {
    expect(text({ b: 1, a: [true, null, 'ü'] })).toBe('{"a":[true,null,"ü"],"b":1}')
  })

  test('numbers are written as RFC 8785 says', () => {
    expect(text([1e21, 0.000001, 1e-7, -0])).toBe('[1e+21,0.000001,1e-7,0]')
  })

  test('equal values have equal digests whatever the order of their members', () => {
    expect(jsonDigest({ a: 1, b: 2 })).toBe(jsonDigest({ b: 2, a: 1 }))
  })

  test.each([[undefined], [Number.NaN], [10n], [() => 1]])('%s has no canonical JSON', (value) => {
    expect(() => canonicalJson(value)).toThrow(expect.objectContaining({ code: 'json.not_canonical' }))
  })
})
