import { describe, expect, it } from 'vitest'
import { Tokenizer } from './tokenizer.ts'

/** GPT-2's letters for bytes: printable ones stand for themselves, the rest from U+0100 on. */
function byteLetters(): string[] {
  let next = 0x100
  return Array.from({ length: 256 }, (_, byte) => {
    const isPrintable = (byte > 0x20 && byte < 0x7f) || (byte > 0xa0 && byte !== 0xad)
    return String.fromCharCode(isPrintable ? byte : next++)
  })
}

const END = '<|endoftext|>'
const merges = ['t h', 'th e', 'Ġ the', 'Ã ¤']
const tokens = [END, ...byteLetters(), ...merges.map((pair) => pair.replace(' ', ''))]
const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: false, use_regex: true }
const special = { lstrip: false, rstrip: false, normalized: false, single_word: false, special: true }
const tokenizerJson = {
  version: '1.0',
  added_tokens: [{ id: 0, content: END, ...special }],
  normalizer: null,
  pre_tokenizer: byteLevel,
  post_processor: null,
  decoder: byteLevel,
  model: { type: 'BPE', vocab: Object.fromEntries(tokens.map((token, id) => [token, id])), merges },
}
const config = { bos_token: END, eos_token: { content: END } }
const tokenizer = Tokenizer.parse(tokenizerJson, config)

describe('the tokenizer', () => {
  it.each(['', 'the theme', '  indented\n\tlines\r\n', 'Häuser, 東京, 😀!', `a ${END} b`])(
    '%j survives a round trip',
    (text) => {
      expect(tokenizer.decode(tokenizer.encode(text))).toBe(text)
    },
  )

  it('merges what it learned to merge', () => {
    expect(tokenizer.encode('the the')).toEqual([tokens.indexOf('the'), tokens.indexOf('Ġthe')])
  })

  it('never reads a special token out of a text', () => {
    expect(tokenizer.encode(`before ${END} after`)).not.toContain(tokenizer.eosId)
  })

  it('leaves special tokens out of what it decodes', () => {
    expect(tokenizer.decode([tokenizer.bosId, ...tokenizer.encode('the'), tokenizer.eosId])).toBe('the')
  })

  it('knows its ends and its size', () => {
    expect([tokenizer.bosId, tokenizer.eosId, tokenizer.vocabSize]).toEqual([0, 0, tokens.length])
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
