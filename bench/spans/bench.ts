/**
 * Verbatim spans over 10 million of the base model's own tokens, of the texts that `npm install` brings. Building and tokenising are
 * processor time; a query is elapsed time, as who asks feels it. Writes what came out to `bench/results/spans.json`.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Tokenizer } from '@openledger/language-model'
import { bytePairs } from '../../attribution-engine/src/spans/byte-pairs.ts'
import { CorpusIndex, type CorpusRecord } from '../../attribution-engine/src/spans/corpus-index.ts'
import { findSpans } from '../../attribution-engine/src/spans/find-spans.ts'
import type { Figure } from '../figure.ts'
import { machineKind } from '../machine.ts'
import { installedTexts } from './corpus.ts'

const TOKENS = 1e7
const ANSWERS = 60
const ANSWER_TOKENS = 500
const RESULTS_FILE = join(import.meta.dirname, '../results/spans.json')

export async function* measure(): AsyncIterable<Figure> {
  const figures = [...figuresOf()]
  const note = 'The bars: 2,000,000 tokens a CPU-second, 6 bytes a token beside the tokens, 30 ms a query.'
  writeFileSync(RESULTS_FILE, `${JSON.stringify({ machine: machineKind(), note, figures }, null, 2)}\n`)
  yield* figures
}

function* figuresOf(): Iterable<Figure> {
  const tokenise = bytePairs(shippedTokenizer())
  const corpus = new CorpusIndex([], tokenise)
  // The newest texts are kept out of the corpus: answers are made of both.
  const texts = installedTexts(80e6)
  const others = texts.splice(-200)
  let parts = corpus.read(fitting(texts.splice(0, 1)))
  const readStart = cpuSeconds()
  parts = corpus.read(fitting(texts))
  const readS = cpuSeconds() - readStart
  const buildStart = cpuSeconds()
  corpus.insert(parts)
  const buildS = cpuSeconds() - buildStart
  const n = parts.tokens.length
  const figure = (name: string, ours: number, unit: string, of = n): Figure => ({
    ...{ bench: 'spans', name, ours, peer: null, ratio: null, unit, n: of },
  })
  yield figure('build.tokens_per_cpu_s', Math.round(n / buildS), 'tokens/cpu-s')
  yield figure('tokenise.tokens_per_cpu_s', Math.round(n / readS), 'tokens/cpu-s')
  yield figure('bytes.per_token', Math.round((corpus.indexBytes / n) * 1000) / 1000, 'bytes')

  const times: number[] = []
  let spans = 0
  for (let turn = 0; turn < ANSWERS; turn++) {
    const answer = answerOf(turn, texts, others, tokenise)
    const start = performance.now()
    spans += findSpans(corpus, answer).length
    times.push(performance.now() - start)
  }
  if (spans === 0) throw new Error('no answer shares a span with the corpus: nothing was measured')
  times.sort((a, b) => a - b)
  yield figure('query.ms', round(times[ANSWERS >> 1]!), 'ms', ANSWERS)
  yield figure('query.p95_ms', round(times[Math.floor(ANSWERS * 0.95)]!), 'ms', ANSWERS)
  yield figure('query.spans', spans / ANSWERS, 'spans an answer', ANSWERS)

  function fitting(records: CorpusRecord[]): CorpusRecord[] {
    let tokens = 0
    const fit: CorpusRecord[] = []
    for (const record of records) {
      if (tokens >= TOKENS) break
      tokens += tokenise(record.text).length + 1
      fit.push(record)
    }
    return fit
  }
}

/** 500 tokens, a quarter of them from the corpus word for word, in stretches of twelve words. */
function answerOf(
  turn: number,
  texts: readonly CorpusRecord[],
  others: readonly CorpusRecord[],
  tokenise: (text: string) => { end: number }[],
): string {
  const pieces: string[] = []
  for (let piece = 0; piece < 60; piece++) {
    const source = piece % 4 === 0 ? texts : others
    const words = source[(turn * 61 + piece * 17) % Math.min(source.length, 500)]!.text.split(/\s+/)
    const start = (turn * 7 + piece * 13) % Math.max(1, words.length - 12)
    pieces.push(words.slice(start, start + 12).join(' '))
  }
  const text = pieces.join(' ')
  return text.slice(0, tokenise(text)[ANSWER_TOKENS - 1]?.end ?? text.length)
}

function shippedTokenizer(): Tokenizer {
  const folder = join(import.meta.dirname, '../../model-factory/base-model/files')
  return Tokenizer.fromFiles((name) => (name === 'chat_template.jinja' ? undefined : readFileSync(join(folder, name))))
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}

function round(ms: number): number {
  return Math.round(ms * 100) / 100
}
