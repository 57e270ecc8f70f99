import { describe, expect, test } from 'vitest'
import { cutAt, piecesOf, wordsIn } from './words.ts'

describe('a text in pieces', () => {
  test.each(['', 'a b', '  const x = {\n y_1: "é" }', '👋 <script>alert(1)</script>'])(
    '%j is its pieces, joined',
    (text) => {
      const pieces = piecesOf(text)
      expect(pieces.map((piece) => piece.text).join('')).toBe(text)
      for (const { start, end, text: piece } of pieces) expect(text.slice(start, end)).toBe(piece)
    },
  )

  test('words are told from what stands between them', () => {
    expect(piecesOf('if (ready)').map(({ text, isWord }) => [text, isWord])).toEqual([
      ['if', true],
      [' ', false],
      ['(', true],
      ['ready', true],
      [')', true],
    ])
  })
})

test('the words of a phrase are found whatever their case, common ones left out', () => {
  expect(wordsIn('Stream of the streams: a stream', 'the STREAM of')).toEqual([
    { start: 0, end: 6 },
    { start: 25, end: 31 },
  ])
})

test('a text is cut at its marks, also where they overlap or leave it', () => {
  const parts = cutAt('abcdef', [
    { start: 1, end: 3 },
    { start: 2, end: 4 },
    { start: 5, end: 99 },
  ])
  expect(parts.map(({ text, isMarked }) => (isMarked ? `[${text}]` : text)).join('')).toBe('a[bc][d]e[f]')
})
