/**
 * The spans of an answer that stand word for word in the corpus.
 *
 * @see Liu et al. 2025, "OLMoTrace", arXiv:2504.07096, section 3
 *
 * Per place the longest match, cut where a sentence or paragraph ends; too short and too common ones fall away; of the
 * rest the maximal ones, the rarest words first. Spans are evidence to read, never a reason to pay: counting occurrences
 * would pay for repetition.
 */
import type { VerbatimEvidence } from '@openledger/protocol'
import type { CorpusIndex, Found } from './corpus-index.ts'
import type { Lexeme } from './lex.ts'

export const SPAN_RULES = {
  /** Words and signs of a span. */
  minTokens: 4,
  /** What stands more often in the corpus is a phrase of the language, not of a record. */
  maxCount: 10,
  /** Spans kept, per mille of the answer's tokens, rounded up. */
  keepPerMille: 50,
} as const

type Span = { from: number; length: number; found: Found; surprisal: number }

/** @returns the rarest spans first, ties by place; for each its text and offsets, and where it stands */
export function findSpans(corpus: CorpusIndex, answer: string, rules = SPAN_RULES): VerbatimEvidence[] {
  const lexemes = corpus.tokenise(answer)
  const query = corpus.query(lexemes.map(({ text }) => text))
  const spans: Span[] = []
  let reach = 0 // end of the longest span so far: what does not pass it is contained in that one
  for (let from = 0; from < query.length; from++) {
    if (!lexemes[from]!.begins) continue
    const length = wholeWords(lexemes, from, corpus.longestMatch(query, from))
    if (wordsIn(lexemes, from, length) < rules.minTokens || from + length <= reach) continue
    const found = corpus.find(query, from, length)
    if (found.count > rules.maxCount) continue
    reach = from + length
    spans.push({ from, length, found, surprisal: surprisalMillibits(corpus, query.subarray(from, reach)) })
  }
  const keep = Math.ceil((lexemes.length * rules.keepPerMille) / 1000)
  return spans
    .sort((a, b) => b.surprisal - a.surprisal || a.from - b.from)
    .slice(0, keep)
    .map((span) => toEvidence(corpus, answer, lexemes, span))
}

function toEvidence(corpus: CorpusIndex, answer: string, lexemes: readonly Lexeme[], span: Span): VerbatimEvidence {
  const start = lexemes[span.from]!.start
  const end = lexemes[span.from + span.length - 1]!.end
  const documents = corpus.locate(span.found, span.length)
  documents.sort((a, b) => (a.record < b.record ? -1 : a.record > b.record ? 1 : a.start - b.start))
  return { start, end, text: answer.slice(start, end), surprisalMillibits: span.surprisal, documents }
}

/** Length up to and with the first token that ends a sentence or paragraph, back to the last that ends a word or sign. */
function wholeWords(lexemes: readonly Lexeme[], from: number, length: number): number {
  let whole = 0
  for (let i = 0; i < length; i++) {
    if (lexemes[from + i]!.closes) whole = i + 1
    if (lexemes[from + i]!.ends) break
  }
  return whole
}

function wordsIn(lexemes: readonly Lexeme[], from: number, length: number): number {
  let words = 0
  for (let i = from; i < from + length; i++) if (lexemes[i]!.closes) words++
  return words
}

/** Sum over the tokens of -1000 log2 of their share of the corpus, each rounded down. */
function surprisalMillibits(corpus: CorpusIndex, tokens: Int32Array): number {
  let sum = 0
  for (const token of tokens) sum += millibits(corpus.size / corpus.countOf(token))
  return sum
}

/**
 * floor(1000 log2(x)) for x >= 1, from 20 binary digits of the logarithm. By squaring, which IEEE 754 defines to the bit;
 * Math.log2 is left to each engine.
 */
export function millibits(x: number): number {
  let exponent = 0
  let mantissa = x
  while (mantissa >= 2) {
    mantissa /= 2
    exponent++
  }
  let digits = 0
  for (let i = 0; i < 20; i++) {
    mantissa *= mantissa
    digits *= 2
    if (mantissa >= 2) {
      mantissa /= 2
      digits++
    }
  }
  return exponent * 1000 + Math.floor((digits * 1000) / 2 ** 20)
}
