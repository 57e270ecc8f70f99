import { describe, expect, test } from 'vitest'
import { formatOpen, parseOpen, ppmOf } from './units.ts'

describe('units', () => {
  test('parts per million round down', () => {
    expect(ppmOf(999_999n, 1)).toBe(0n)
    expect(ppmOf(1_000_000n, 1)).toBe(1n)
    expect(ppmOf(10n ** 27n, 1_000_000)).toBe(10n ** 27n)
  })

  test('amounts are cut for people, never rounded up', () => {
    expect(formatOpen(1_999_999_999_999_999_999n)).toBe('1.999999 OPEN')
    expect(formatOpen(10n ** 18n)).toBe('1 OPEN')
    expect(formatOpen(1n)).toBe('0 OPEN')
  })

  test('what people write is read to the wei', () => {
    expect(parseOpen('0.000000000000000001')).toBe(1n)
  })
})
