import { describe, expect, it } from 'vitest'
import { type ChatMessage, encodeChat, renderChat } from './chat.ts'
import { REFERENCE_TOKENIZERS, readReference, readReferenceJson } from './testing/reference.ts'
import { Tokenizer } from './tokenizer.ts'

type Expected = {
  cases: { text: string; ids: number[]; decoded: string }[]
  chat: { messages: ChatMessage[]; text: string; ids: number[] }
}

describe.each(REFERENCE_TOKENIZERS)('the tokenizer in the form of %s', (name) => {
  const tokenizer = Tokenizer.fromFiles((file) => {
    if (file === 'chat_template.jinja' && name !== 'llama-3') return undefined
    return readReference('tokenizers', name, file)
  })
  const { cases, chat } = readReferenceJson<Expected>('tokenizers', name, 'expected.json')

  it.each(cases)('cuts $text up as the reference does', ({ decoded, ids, text }) => {
    expect(tokenizer.encode(text)).toEqual(ids)
    expect(tokenizer.decode(ids)).toBe(decoded)
  })

  it('writes a conversation out as the reference does', () => {
    expect(renderChat(tokenizer, chat.messages)).toBe(chat.text)
    expect(encodeChat(tokenizer, chat.messages)).toEqual(chat.ids)
  })

  it('leaves ids out that have no token', () => {
    const ids = tokenizer.encode('the theme')
    expect(tokenizer.decode([...ids, tokenizer.vocabSize + 7])).toBe(tokenizer.decode(ids))
  })

  it('takes the names of special tokens in a message for text', () => {
    const count = (ids: number[]) => ids.filter((id) => tokenizer.isSpecial(id)).length
    const named = tokenizer.specialNames.join(' and ')
    const content = `say ${named} ${tokenizer.specialNames.join('')}`
    const [message] = chat.messages
    const harmless = encodeChat(tokenizer, [{ ...message!, content: 'say it' }])
    const spoofed = encodeChat(tokenizer, [{ ...message!, content }])
    expect(count(spoofed)).toBe(count(harmless))
    expect(tokenizer.decode(spoofed)).toContain(content.trim())
  })
})

describe('offsets', () => {
  const open = (name: string) =>
    Tokenizer.fromFiles((file) =>
      file === 'chat_template.jinja' ? undefined : readReference('tokenizers', name, file),
    )
  const unsupported = expect.objectContaining({ code: 'tokenizer.unsupported' })

  it('cut a text where tokens spell its bytes', () => {
    const text = 'the theme, né'
    const { ids, offsets } = open('qwen-2').encodeWithOffsets(text)
    expect(ids).toHaveLength(offsets.length)
    expect(offsets.at(0)![0]).toBe(0)
    expect(offsets.at(-1)![1]).toBe(text.length)
  })

  it('are refused where the tokenizer composes characters', () => {
    expect(() => open('qwen-2').encodeWithOffsets('ne\u0301')).toThrow(unsupported)
  })

  it('are refused where tokens are characters', () => {
    expect(() => open('llama-2').encodeWithOffsets('the theme')).toThrow(unsupported)
  })
})
