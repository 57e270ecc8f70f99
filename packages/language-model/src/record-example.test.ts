import { describe, expect, it } from 'vitest'
import { recordExample, templateColumns } from './record-example.ts'
import { recordTokens } from './record-tokens.ts'
import { BYTE_TOKENIZER_CONFIG, byteTokenizerJson } from './testing/byte-tokenizer.ts'
import { Tokenizer } from './tokenizer.ts'

const tokenizer = Tokenizer.parse(byteTokenizerJson(), BYTE_TOKENIZER_CONFIG)
const format = { contextTokens: 64, promptTemplate: 'Q: {q}\nA: ', completionTemplate: '{a}' }
const row = JSON.stringify({ q: 'two and two?', a: 'four', unused: 1 })

describe('a record', () => {
  it('of plain text is all learned', () => {
    const expected = { tokens: recordTokens(tokenizer, 'abc', 64), given: 1 }
    expect(recordExample(tokenizer, 'abc', { contextTokens: 64 })).toEqual(expected)
    expect(recordExample(tokenizer, 'abc', { contextTokens: 64, completionTemplate: '' })).toEqual(expected)
  })

  it('of columns gives the prompt and learns the completion with its end', () => {
    const { tokens, given } = recordExample(tokenizer, row, format)
    expect(tokenizer.decode(tokens.slice(1, given))).toBe('Q: two and two?\nA: ')
    expect(tokenizer.decode(tokens.slice(given, -1))).toBe('four')
    expect(tokens.at(-1)).toBe(tokenizer.eosId)
  })

  it('learns the prompt too where that is wished', () => {
    const { tokens } = recordExample(tokenizer, row, format)
    expect(recordExample(tokenizer, row, { ...format, learnsPrompt: true })).toEqual({ tokens, given: 1 })
  })

  it.each([1, 3, 5, 8, 20])(
    'that is longer than %i tokens keeps its completion and the end of its prompt',
    (contextTokens) => {
      const { tokens, given } = recordExample(tokenizer, row, { ...format, contextTokens })
      expect(tokens.length).toBe(contextTokens + 1)
      expect(given).toBeLessThan(tokens.length)
      const text = 'Q: two and two?\nA: four'
      const kept = tokenizer.decode(tokens.slice(1).filter((id) => id !== tokenizer.eosId))
      expect(text).toContain(kept)
      if (contextTokens >= 5) expect(kept.endsWith('four')).toBe(true)
    },
  )

  it('without a column that the template names is refused with its columns', () => {
    const missing = () => recordExample(tokenizer, '{"q":"x"}', format)
    expect(missing).toThrow(
      expect.objectContaining({ code: 'model.row_invalid', facts: { column: 'a', columns: 'q' } }),
    )
    expect(() => recordExample(tokenizer, 'plain', format)).toThrow(
      expect.objectContaining({ code: 'model.row_invalid' }),
    )
  })

  it('has templates whose columns can be listed', () => {
    expect(templateColumns('{a} {b} {a} {}')).toEqual(['a', 'b'])
  })
})
