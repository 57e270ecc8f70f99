import { describe, expect, test } from 'vitest'
import { ago, bytes, count, open, percent, shortHex } from './format.ts'

describe('amounts', () => {
  test.each([
    ['0', '0'],
    ['1000000000000000000', '1'],
    ['1500000000000000000', '1.5'],
    ['1234567000000000000000000', '1,234,567'],
    ['1999999999999999999', '1.9999'],
    ['1', '< 0.0001'],
    ['-2500000000000000000', '−2.5'],
  ])('%s wei are %s OPEN, rounded down', (wei, text) => expect(open(wei)).toBe(text))

  test('an integer beyond what floats hold keeps all its digits', () =>
    expect(count('123456789012345678901')).toBe('123,456,789,012,345,678,901'))
})

test.each([
  [1_000_000, '100 %'],
  [123_456, '12.3 %'],
  [1, '< 0.1 %'],
  [0, '0 %'],
])('%i ppm are %s', (ppm, text) => expect(percent(ppm)).toBe(text))

test('a hash is shortened at both ends', () => expect(shortHex(`0x${'ab'.repeat(32)}`)).toBe('0xabab…abab'))

test.each([
  [512, '512 B'],
  [1536, '1.5 KiB'],
  [5 * 1024 ** 3, '5.0 GiB'],
])('%i bytes are %s', (size, text) => expect(bytes(size)).toBe(text))

test.each([
  [-90_000, '1 minute ago'],
  [7_200_000, 'in 2 hours'],
  [0, 'now'],
])('%i ms from now is %s', (offset, text) => expect(ago(1_000_000_000 + offset, 1_000_000_000)).toBe(text))
