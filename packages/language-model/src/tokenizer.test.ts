import { describe, expect, it } from 'vitest'
import { BYTE_TOKENIZER_CONFIG, byteTokenizerJson, END } from './testing/byte-tokenizer.ts'
import { Tokenizer } from './tokenizer.ts'

const tokenizerJson = byteTokenizerJson(['t h', 'th e', 'Ġ the', 'Ã ¤'])
const config = BYTE_TOKENIZER_CONFIG
const tokenizer = Tokenizer.parse(tokenizerJson, config)
const idOf = (token: string) => tokenizerJson.model.vocab[token]!

describe('the tokenizer', () => {
  it.each(['', 'the theme', '  indented\n\tlines\r\n', 'Häuser, 東京, 😀!', `a ${END} b`])(
    '%j survives a round trip',
    (text) => {
      expect(tokenizer.decode(tokenizer.encode(text))).toBe(text)
    },
  )

  it('merges what it learned to merge', () => {
    expect(tokenizer.encode('the the')).toEqual([idOf('the'), idOf('Ġthe')])
  })

  it('never reads a special token out of a text', () => {
    expect(tokenizer.encode(`before ${END} after`)).not.toContain(tokenizer.eosId)
  })

  it('leaves special tokens out of what it decodes', () => {
    expect(tokenizer.decode([tokenizer.bosId, ...tokenizer.encode('the'), tokenizer.eosId])).toBe('the')
  })

  it('knows its ends and its size', () => {
    expect([tokenizer.bosId, tokenizer.eosId, tokenizer.vocabSize]).toEqual([0, 0, 1 + 256 + 4])
    expect(tokenizer.isSpecial(0)).toBe(true)
  })
})

describe('offsets', () => {
  it('cut the text into its tokens', () => {
    const text = 'the the'
    const { ids, offsets } = tokenizer.encodeWithOffsets(text)
    expect(ids).toEqual(tokenizer.encode(text))
    expect(offsets.map(([start, end]) => text.slice(start, end))).toEqual(['the', ' the'])
  })

  it('span a whole character where a token holds a part of it', () => {
    const text = 'aä😀b'
    const { offsets } = tokenizer.encodeWithOffsets(text)
    const emoji = [2, 4]
    expect(offsets).toEqual([[0, 1], [1, 2], emoji, emoji, emoji, emoji, [4, 5]])
  })

  it('are refused where tokens do not spell the bytes of the text', () => {
    const lowercased = Tokenizer.parse({ ...tokenizerJson, normalizer: { type: 'Prepend', prepend: 'the' } }, config)
    expect(() => lowercased.encodeWithOffsets('x')).toThrow(expect.objectContaining({ code: 'tokenizer.unsupported' }))
  })
})

describe('a tokenizer file', () => {
  it.each<[string, unknown, unknown]>([
    ['that is no object', 'text', config],
    ['without a model', { ...tokenizerJson, model: undefined }, config],
    ['of a model that is not known', { ...tokenizerJson, model: { type: 'Morse' } }, config],
    ['with malformed added tokens', { ...tokenizerJson, added_tokens: [{ content: END }] }, config],
    ['whose end of text is not known', tokenizerJson, { ...config, eos_token: '</s>' }],
    ['whose configuration is no object', tokenizerJson, null],
  ])('%s is refused', (_, json, configJson) => {
    expect(() => Tokenizer.parse(json, configJson)).toThrow(expect.objectContaining({ code: 'tokenizer.invalid' }))
  })
})
