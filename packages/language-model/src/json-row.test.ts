import { describe, expect, it } from 'vitest'
import { readRow } from './json-row.ts'

const row = (text: string) => readRow(new TextEncoder().encode(text))

describe('a JSON row', () => {
  it('has its columns as text, without those that are null', () => {
    expect({ ...row('{"a":"x","n":1.5,"yes":true,"none":null}') }).toEqual({ a: 'x', n: '1.5', yes: 'true' })
  })

  it('may have a column of any name', () => {
    expect(row('{"__proto__":"p","constructor":"c"}').constructor).toBe('c')
    expect(row('{}').constructor).toBeUndefined()
  })

  it.each([
    ['not JSON', '{"a":'],
    ['a list', '[1]'],
    ['text alone', '"a"'],
    ['null', 'null'],
    ['a row with an object in a column', '{"a":{"b":1}}'],
    ['nested beyond what a parser can stand', `{"a":${'['.repeat(200_000)}`],
    ['too many columns', JSON.stringify(Object.fromEntries(Array.from({ length: 257 }, (_, i) => [i, 1])))],
    ['too long', `{"a":"${'x'.repeat(1_048_577)}"}`],
  ])('that is %s is refused', (_, text) => {
    expect(() => row(text)).toThrow(expect.objectContaining({ code: 'model.row_invalid' }))
  })

  it('that is not UTF-8 is refused', () => {
    expect(() => readRow(Uint8Array.of(0x7b, 0xff, 0x7d))).toThrow(
      expect.objectContaining({ code: 'model.row_invalid' }),
    )
  })
})
