import { describe, expect, it } from 'vitest'
import { Answer } from './answer.ts'

/** One token a byte; 0 ends the text. */
const decode = (tokenIds: readonly number[]) => new TextDecoder().decode(Uint8Array.from(tokenIds))
const bytes = (text: string) => [...new TextEncoder().encode(text)]

function grow(text: string, options: { stop?: string[]; maxTokens?: number; end?: boolean } = {}) {
  const answer = new Answer({ decode, endIds: [0], maxTokens: options.maxTokens ?? 1000, stop: options.stop ?? [] })
  const shown: string[] = []
  for (const token of [...bytes(text), ...(options.end === true ? [0] : [])]) {
    shown.push(answer.push(token))
    if (answer.finishReason !== undefined) break
  }
  return { answer, shown }
}

describe('Answer', () => {
  it('shows exactly its final text, piece by piece', () => {
    const { answer, shown } = grow('Grüße aus 東京 🚀', { end: true })
    expect(answer.text).toBe('Grüße aus 東京 🚀')
    expect(shown.join('')).toBe(answer.text)
    expect(shown.some((piece) => piece.includes('\uFFFD'))).toBe(false)
  })

  it('ends with stop at an end token, which gives no text but is kept', () => {
    const { answer } = grow('ab', { end: true })
    expect([answer.text, answer.finishReason, answer.tokenIds.at(-1)]).toEqual(['ab', 'stop', 0])
  })

  it('ends with length at the last token allowed', () => {
    const { answer } = grow('abcdef', { maxTokens: 4 })
    expect([answer.text, answer.finishReason]).toEqual(['abcd', 'length'])
  })

  it('says stop when the end token is the last one allowed', () => {
    expect(grow('abc', { end: true, maxTokens: 4 }).answer.finishReason).toBe('stop')
  })

  it('cuts at the earliest stop string and never shows a part of it', () => {
    const { answer, shown } = grow('one\n\ntwo', { stop: ['two', '\n\n'] })
    expect(answer.text).toBe('one')
    expect(answer.finishReason).toBe('stop')
    expect(shown.join('')).toBe('one')
    expect(decode(answer.tokenIds)).toBe('one\n\n')
  })

  it('shows what only looked like the beginning of a stop string', () => {
    const { answer, shown } = grow('a<|b<|end', { stop: ['<|end|>'], end: true })
    expect(answer.text).toBe('a<|b<|end')
    expect(shown.join('')).toBe('a<|b<|end')
    expect(shown.slice(0, 4)).toEqual(['a', '', '', '<|b'])
  })

  it('keeps a cut character as U+FFFD when no more tokens may come', () => {
    const { answer, shown } = grow('aü', { maxTokens: 2 })
    expect(answer.text).toBe('a\uFFFD')
    expect(shown.join('')).toBe('a\uFFFD')
  })
})
