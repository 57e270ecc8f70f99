import { fc, test as propertyTest } from '@fast-check/vitest'
import { digestOf } from '@openledger/protocol'
import { describe, expect, test } from 'vitest'
import { CorpusIndex, type CorpusRecord } from './corpus-index.ts'
import { findSpans, millibits, SPAN_RULES } from './find-spans.ts'
import { lex } from './lex.ts'

const digest = (name: string) => digestOf(new TextEncoder().encode(name))
const corpusOf = (...texts: string[]) => new CorpusIndex(recordsOf(texts))
const recordsOf = (texts: readonly string[]): CorpusRecord[] =>
  texts.map((text, i) => ({ digest: digest(`record ${i}`), text }))

/** Every span of the answer against every place of every record: the definition, in cubic time. */
function byDefinition(texts: readonly string[], answer: string, rules: typeof SPAN_RULES) {
  const tokens = lex(answer)
  const records = texts.map((text) => lex(text))
  const places = (from: number, to: number) =>
    records.flatMap((record, r) =>
      record.flatMap((_, at) =>
        tokens.slice(from, to).every((token, i) => record[at + i]?.text === token.text) &&
        at + to - from <= record.length
          ? [{ record: digest(`record ${r}`), start: record[at]!.start, end: record[at + to - from - 1]!.end }]
          : [],
      ),
    )
  const isWhole = (from: number, to: number) => tokens.slice(from, to - 1).every((token) => !token.ends)
  const spans: { from: number; to: number; documents: ReturnType<typeof places> }[] = []
  for (let from = 0; from < tokens.length; from++) {
    for (let to = from + 1; to <= tokens.length && isWhole(from, to); to++) {
      const documents = places(from, to)
      if (documents.length > 0) spans.push({ from, to, documents })
    }
  }
  const maximal = spans.filter((a) => !spans.some((b) => b !== a && b.from <= a.from && a.to <= b.to))
  return maximal
    .filter((span) => span.to - span.from >= rules.minTokens && span.documents.length <= rules.maxCount)
    .map((span) => answer.slice(tokens[span.from]!.start, tokens[span.to - 1]!.end))
    .sort()
}

describe('verbatim spans', () => {
  const words = fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'a.', 'b\n\n'), { maxLength: 30 })
  const everything = { ...SPAN_RULES, minTokens: 2, maxCount: 3, keepPerMille: 1000 } as unknown as typeof SPAN_RULES
  propertyTest.prop([fc.array(words, { minLength: 1, maxLength: 5 }), words], { numRuns: 400 })(
    'are those that a search of every place finds',
    (records, answer) => {
      const texts = records.map((record) => record.join(' '))
      const text = answer.join(' ')
      const found = findSpans(corpusOf(...texts), text, everything)
      expect(found.map((span) => span.text).sort()).toEqual(byDefinition(texts, text, everything))
      for (const span of found) {
        expect(text.slice(span.start, span.end)).toBe(span.text)
        for (const { record, start, end } of span.documents) {
          const source = texts[texts.findIndex((_, i) => digest(`record ${i}`) === record)]!
          const withoutSpace = (part: string) => part.replace(/\s+/g, '')
          expect(withoutSpace(source.slice(start, end))).toBe(withoutSpace(span.text))
        }
      }
    },
  )

  test('names the record and the place of a copied sentence', () => {
    const corpus = corpusOf('Nothing of note here.', 'First: the quick brown fox\n  jumps over it. Then more.')
    const [span, ...others] = findSpans(corpus, 'They say the quick brown fox jumps over it. Then nothing')
    expect(others).toEqual([])
    expect(span?.text).toBe('the quick brown fox jumps over it.')
    expect(span?.documents).toEqual([{ record: digest('record 1'), start: 7, end: 43 }])
  })

  test('never run over the border of two records', () => {
    expect(findSpans(corpusOf('one two three', 'four five six'), 'one two three four five six')).toEqual([])
  })

  test('leave out what the corpus says more than ten times', () => {
    const phrase = 'all rights are reserved'
    expect(findSpans(corpusOf(...Array(11).fill(phrase)), phrase)).toEqual([])
    expect(findSpans(corpusOf(...Array(10).fill(phrase)), phrase)[0]?.documents).toHaveLength(10)
  })

  test('put rare words before common ones and keep one in twenty of the answer’s tokens', () => {
    const common = Array.from({ length: 40 }, (_, i) => `the of and to ${i}`)
    const corpus = corpusOf(...common, 'zymurgy quixotic fjord vex', 'the of and to a place')
    const answer = `zymurgy quixotic fjord vex ${'no match '.repeat(4)} the of and to a`
    expect(findSpans(corpus, answer).map((span) => span.text)).toEqual(['zymurgy quixotic fjord vex'])
    const longer = `${answer} ${'x '.repeat(10)}`
    expect(findSpans(corpus, longer).map((span) => span.text)).toEqual([
      'zymurgy quixotic fjord vex',
      'the of and to a',
    ])
  })

  test('an answer without words, an empty corpus and unknown words give no spans', () => {
    expect(findSpans(corpusOf('some text of four words'), ' \n ')).toEqual([])
    expect(findSpans(corpusOf(), 'some text of four words')).toEqual([])
    expect(findSpans(corpusOf('', 'abc'), 'words that stand nowhere at all')).toEqual([])
  })
})

describe('surprisal', () => {
  test('is 1000 log2, rounded down', () => {
    expect([1, 2, 8, 1024].map(millibits)).toEqual([0, 1000, 3000, 10000])
    for (let x = 1; x < 5000; x += 1.7) {
      expect(Math.abs(millibits(x) - Math.log2(x) * 1000 + 0.5)).toBeLessThanOrEqual(0.502)
    }
  })
})
