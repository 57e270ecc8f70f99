import { fc, test as propertyTest } from '@fast-check/vitest'
import { digestOf, OpenLedgerError } from '@openledger/protocol'
import { describe, expect, test } from 'vitest'
import { tinyBase } from '../testing/tiny-language-model.ts'
import { bytePairs } from './byte-pairs.ts'
import { CorpusIndex } from './corpus-index.ts'
import { findSpans } from './find-spans.ts'
import { lex } from './lex.ts'

const digest = (name: string) => digestOf(new TextEncoder().encode(name))
const recordsOf = (texts: readonly string[]) => texts.map((text, i) => ({ digest: digest(`${i}`), text }))

const words = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 12 })
const corpora = fc.array(words, { minLength: 1, maxLength: 12 })

describe('a corpus that grows version by version', () => {
  propertyTest.prop([corpora, words, fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 12 })], { numRuns: 300 })(
    'finds what one that was built at once finds',
    (records, answer, steps) => {
      const all = recordsOf(records.map((record) => record.join(' ')))
      const grown = new CorpusIndex()
      for (let at = 0, step = 0; at < all.length; step++) {
        const many = steps[step] ?? 1
        grown.add(all.slice(at, at + many))
        at += many
      }
      const whole = new CorpusIndex(all)
      const rules = { minTokens: 1, maxCount: 100, keepPerMille: 1000 } as never
      expect(findSpans(grown, answer.join(' '), rules)).toEqual(findSpans(whole, answer.join(' '), rules))
      expect(grown.size).toBe(whole.size)
    },
  )

  test('has few shards, each at least twice as large as the next', () => {
    const corpus = new CorpusIndex()
    for (let version = 0; version < 100; version++) corpus.add(recordsOf([`one more record, the ${version}th`]))
    const { shards } = corpus
    expect(shards.length).toBeLessThanOrEqual(10)
    for (const [index, size] of shards.slice(1).entries()) expect(shards[index]!).toBeGreaterThanOrEqual(2 * size)
  })

  test('takes at most six bytes a token beside the tokens', () => {
    const text = Array.from({ length: 5_000 }, (_, i) => `w${i % 700}`).join(' ')
    const corpus = new CorpusIndex(recordsOf([text, text]))
    expect(corpus.indexBytes / corpus.size).toBeLessThan(6)
  })
})

describe('counts and probabilities', () => {
  propertyTest.prop([corpora, words, fc.constantFrom('a', 'b', 'c')], { numRuns: 300 })(
    'are those of the longest context that the corpus has',
    (records, context, next) => {
      const corpus = new CorpusIndex(recordsOf(records.map((record) => record.join(' '))))
      const count = (tokens: readonly string[]) =>
        records.reduce(
          (sum, record) => sum + record.filter((_, at) => tokens.every((t, i) => record[at + i] === t)).length,
          0,
        )
      const followed = (tokens: readonly string[]) =>
        ['a', 'b', 'c'].reduce((sum, token) => sum + count([...tokens, token]), 0)
      const query = corpus.query(context)
      for (let length = 1; length <= context.length; length++) {
        expect(corpus.find(query, 0, length).count).toBe(count(context.slice(0, length)))
      }
      const token = corpus.query([next])[0]!
      const found = corpus.nextToken(query, token)
      const start = context.findIndex((_, at) => followed(context.slice(at)) > 0)
      const used = start < 0 ? [] : context.slice(start)
      expect(found).toEqual({
        count: count([...used, next]),
        of: used.length === 0 ? corpus.size : followed(used),
        contextTokens: used.length,
      })
    },
  )
})

describe('a model’s own tokens', () => {
  const { tokenizer } = tinyBase()
  const tokenise = bytePairs(tokenizer)

  test('are those of each stretch behind a space, whatever white space stands there', () => {
    const keys = (text: string) => tokenise(text).map(({ text: key }) => key)
    const expected = ' const answer = readFile(path);'.split(/(?= )/).flatMap((part) => tokenizer.encode(part))
    expect(keys('const answer =\n\treadFile(path);')).toEqual(expected.map((id) => `#${id}`))
  })

  test('a span begins and ends with whole words and names the place in the record’s text', () => {
    const text = 'Unrelated.\n\nconst interpolation = linearInterpolation(values,\n  positions) + offset\n'
    const corpus = new CorpusIndex(recordsOf(['nothing', text]), tokenise)
    const [span] = findSpans(corpus, 'we say linearInterpolation(values, positions) + offsets of it')
    expect(span?.text).toBe('linearInterpolation(values, positions) +')
    const [place] = span!.documents
    expect(place?.record).toBe(digest('1'))
    expect(text.slice(place!.start, place!.end)).toBe('linearInterpolation(values,\n  positions) +')
  })

  propertyTest.prop([fc.string({ unit: 'grapheme', maxLength: 60 })], { numRuns: 300 })(
    'cover all but white space, in order',
    (text) => {
      let reach = 0
      for (const { start, end } of tokenise(text)) {
        expect(text.slice(reach, start).trim()).toBe('')
        reach = Math.max(reach, end)
      }
      expect(text.slice(reach).trim()).toBe('')
    },
  )

  test('where they do not spell the text, words and signs stand for them', () => {
    const refuse = () => {
      throw new OpenLedgerError('tokenizer.unsupported', 'No.', { nextStep: 'None.' })
    }
    expect(bytePairs({ encodeWithOffsets: refuse })).toBe(lex)
  })
})
