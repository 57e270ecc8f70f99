/**
 * Text as words and single signs. Verbatim means word for word: white space between tokens does not count, so a line that
 * was wrapped elsewhere still matches, and a model's own tokens, which cut the same word differently by what stands before
 * it, do not decide.
 */
export type Lexeme = {
  text: string
  /** UTF-16 offsets. */
  start: number
  end: number
  /** Whether a sentence or paragraph ends here: a span may end with such a token but not run over it. */
  ends: boolean
}

const TOKEN = /[\p{L}\p{M}\p{N}_]+|[^\s\p{L}\p{M}\p{N}_]/gu

export function lex(text: string): Lexeme[] {
  const lexemes: Lexeme[] = []
  for (const match of text.matchAll(TOKEN)) {
    const start = match.index
    lexemes.push({ text: match[0], start, end: start + match[0].length, ends: false })
  }
  for (const [index, lexeme] of lexemes.entries()) {
    const gap = text.slice(lexeme.end, lexemes[index + 1]?.start ?? text.length)
    const isSentence = /[.!?。！？]/u.test(lexeme.text) && gap !== ''
    lexeme.ends = isSentence || /\n\s*\n/.test(gap)
  }
  return lexemes
}
