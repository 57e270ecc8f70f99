/**
 * A model's own tokens (byte-pair encoding) as the tokens of a corpus.
 *
 * A tokenizer cuts a word by what stands before it: at the beginning of a line otherwise than behind a space. Each stretch
 * without white space is therefore encoded as if behind one space; so text that was wrapped elsewhere has the same tokens, and
 * each stretch is encoded once.
 */
import type { Tokenizer } from '@openledger/language-model'
import { OpenLedgerError } from '@openledger/protocol'
import { type Lexeme, lex, type Tokenise } from './lex.ts'

/** Stretches whose tokens are remembered. */
const MAX_KNOWN = 200_000

type Piece = { key: string; start: number; end: number }

/** @returns how a corpus is cut into this model's tokens; `lex` where these do not spell the text's bytes */
export function bytePairs(tokenizer: Pick<Tokenizer, 'encodeWithOffsets'>): Tokenise {
  const known = new Map<string, Piece[]>()
  const piecesOf = (stretch: string): Piece[] => {
    const found = known.get(stretch)
    if (found !== undefined) return found
    // A stretch that the tokenizer would change (a letter with its accent apart) is as its words.
    const pieces = encode(tokenizer, stretch) ?? lex(stretch).map(({ text: key, start, end }) => ({ key, start, end }))
    if (known.size >= MAX_KNOWN) known.clear()
    known.set(stretch, pieces)
    return pieces
  }
  if (encode(tokenizer, 'text') === null) return lex
  return (text) => {
    const words = lex(text)
    const lexemes: Lexeme[] = []
    let word = 0
    for (const match of text.matchAll(/\S+/g)) {
      for (const { key, start, end } of piecesOf(match[0])) {
        const lexeme = {
          text: key,
          start: match.index + start,
          end: match.index + end,
          begins: false,
          closes: false,
          ends: false,
        }
        while (word < words.length && words[word]!.end < lexeme.end) word++
        const at = words[word]
        lexeme.closes = at === undefined || at.end === lexeme.end
        lexeme.ends = at !== undefined && at.end === lexeme.end && at.ends
        lexeme.begins = lexemes.length === 0 || lexemes.at(-1)!.closes
        lexemes.push(lexeme)
      }
    }
    return lexemes
  }
}

/** The tokens behind a space; null where they do not spell the text. */
function encode(tokenizer: Pick<Tokenizer, 'encodeWithOffsets'>, stretch: string): Piece[] | null {
  try {
    const { ids, offsets } = tokenizer.encodeWithOffsets(` ${stretch}`)
    return ids.map((id, index) => {
      const [start, end] = offsets[index]!
      return { key: `#${id}`, start: Math.max(start - 1, 0), end: Math.max(end - 1, 0) }
    })
  } catch (error) {
    if (error instanceof OpenLedgerError && error.code === 'tokenizer.unsupported') return null
    throw error
  }
}
