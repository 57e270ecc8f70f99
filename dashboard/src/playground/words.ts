/** A text as words and what stands between them, by UTF-16 offsets, as evidence counts. */
export type Piece = { start: number; end: number; text: string; isWord: boolean }

export function piecesOf(text: string): Piece[] {
  const pieces: Piece[] = []
  for (const match of text.matchAll(/\s+|[\p{L}\p{N}_$]+|[^\s\p{L}\p{N}_$]/gu)) {
    const piece = match[0]
    pieces.push({ start: match.index, end: match.index + piece.length, text: piece, isWord: /\S/.test(piece) })
  }
  return pieces
}

export type Span = { start: number; end: number }

export function overlaps(a: Span, b: Span): boolean {
  return a.start < b.end && b.start < a.end
}

/** Words too short or too common in code to say anything. */
const COMMON = new Set([
  'the',
  'and',
  'for',
  'with',
  'that',
  'this',
  'are',
  'is',
  'of',
  'to',
  'in',
  'a',
  'an',
  'it',
  'be',
  'or',
  'as',
])
const MOST_MARKS = 200

/**
 * Where the words of `phrase` stand in `text`, whatever their case. Only a reading aid: influence is measured by gradients,
 * not by words.
 */
export function wordsIn(text: string, phrase: string): Span[] {
  const wanted = new Set(
    piecesOf(phrase)
      .filter(({ text: word }) => /[\p{L}\p{N}]/u.test(word))
      .map(({ text: word }) => word.toLowerCase())
      .filter((word) => word.length > 1 && !COMMON.has(word)),
  )
  if (wanted.size === 0) return []
  const found: Span[] = []
  for (const piece of piecesOf(text)) {
    if (!wanted.has(piece.text.toLowerCase())) continue
    found.push({ start: piece.start, end: piece.end })
    if (found.length >= MOST_MARKS) break
  }
  return found
}

/** A text cut at marks, which may overlap. */
export function cutAt(text: string, marks: readonly Span[]): { text: string; isMarked: boolean; start: number }[] {
  const parts: { text: string; isMarked: boolean; start: number }[] = []
  let at = 0
  for (const { start, end } of [...marks].sort((a, b) => a.start - b.start)) {
    const from = Math.max(at, start)
    const to = Math.min(end, text.length)
    if (to <= from) continue
    if (from > at) parts.push({ text: text.slice(at, from), isMarked: false, start: at })
    parts.push({ text: text.slice(from, to), isMarked: true, start: from })
    at = to
  }
  if (at < text.length) parts.push({ text: text.slice(at), isMarked: false, start: at })
  return parts
}
