/** Text as words and single signs, and how tokens lie in it. */
export type Lexeme = {
  text: string
  /** UTF-16 offsets. */
  start: number
  end: number
  /** Whether a word or sign begins here: a span may begin with such a token only. */
  begins: boolean
  /** Whether a word or sign ends here: a span may end with such a token only. */
  closes: boolean
  /** Whether a sentence or paragraph ends here: a span may end with such a token but not run over it. */
  ends: boolean
}

/** How a corpus and the answers that are looked up in it are cut into tokens. */
export type Tokenise = (text: string) => Lexeme[]

const TOKEN = /[\p{L}\p{M}\p{N}_]+|[^\s\p{L}\p{M}\p{N}_]/gu

/**
 * Words and single signs are the tokens. For models without a byte-level tokenizer, and wherever no model is at hand.
 * White space between tokens does not count, so a line that was wrapped elsewhere still matches.
 */
export function lex(text: string): Lexeme[] {
  const lexemes: Lexeme[] = []
  for (const match of text.matchAll(TOKEN)) {
    const start = match.index
    const end = start + match[0].length
    lexemes.push({ text: match[0], start, end, begins: true, closes: true, ends: false })
  }
  for (const [index, lexeme] of lexemes.entries()) {
    const gap = text.slice(lexeme.end, lexemes[index + 1]?.start ?? text.length)
    const isSentence = /[.!?。！？]/u.test(lexeme.text) && gap !== ''
    lexeme.ends = isSentence || /\n\s*\n/.test(gap)
  }
  return lexemes
}
