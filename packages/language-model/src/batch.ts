/** Token sequences laid side by side, as the training graphs take them. */
import { LanguageModelError } from './error.ts'

export type TokenBatch = {
  /** B */
  rows: number
  /** T */
  tokens: number
  /** `[B, T]` */
  ids: Int32Array
  /** `[B, T]`: the token to be predicted at each position. */
  targets: Int32Array
  /** `[B, T]`: how much the loss of each position counts; 0 fills up short rows. */
  weights: Float32Array
  /** `[B, T]`, of packed rows: which of the row's sequences each position is of; they do not see each other. */
  segments?: Int32Array
}

/** Tokens of which the first `given`, one at least, are read and not learned. */
export type Example = { tokens: number[]; given: number }

/** How much each predicted token of a sequence counts, by the number of predicted tokens. */
export type TokenWeight = (predicted: number) => number

/**
 * Lays sequences side by side: position t holds token t and is to predict token t + 1. Short ones are filled up to the
 * longest with positions of weight 0, which change nothing.
 *
 * @param sequences of at least two tokens each
 * @param weight    of each predicted token; 1 / predicted makes each row's loss its mean per token
 */
export function tokenBatch(sequences: readonly (readonly number[])[], weight: TokenWeight): TokenBatch {
  const short = sequences.find((sequence) => sequence.length < 2)
  if (sequences.length === 0 || short !== undefined) {
    throw new LanguageModelError('model.batch_invalid', 'A batch needs sequences of at least two tokens.', {
      facts: { sequences: sequences.length, shortest: short?.length ?? 0 },
      nextStep: 'Leave out what has no token to predict.',
    })
  }
  const rows = sequences.length
  const tokens = Math.max(...sequences.map(({ length }) => length)) - 1
  const ids = new Int32Array(rows * tokens)
  const targets = new Int32Array(rows * tokens)
  const weights = new Float32Array(rows * tokens)
  sequences.forEach((sequence, row) => {
    const start = row * tokens
    const predicted = sequence.length - 1
    ids.set(sequence.slice(0, -1), start)
    targets.set(sequence.slice(1), start)
    weights.fill(weight(predicted), start, start + predicted)
  })
  return { rows, tokens, ids, targets, weights }
}

/**
 * Lays examples side by side, several to a row where rows are packed, each as if it stood alone.
 *
 * @param rows   what stands in each row
 * @param weight of each predicted token
 */
export function exampleBatch(rows: readonly (readonly Example[])[], weight: number): TokenBatch {
  const widthOf = (row: readonly Example[]) => row.reduce((sum, { tokens }) => sum + tokens.length - 1, 0)
  const tokens = Math.max(...rows.map(widthOf))
  const size = rows.length * tokens
  const batch = {
    rows: rows.length,
    tokens,
    ids: new Int32Array(size),
    targets: new Int32Array(size),
    weights: new Float32Array(size),
    // What fills a row up is of no sequence, and sees only itself.
    segments: new Int32Array(size).fill(-1),
  }
  for (const [row, examples] of rows.entries()) {
    let at = row * tokens
    for (const [segment, example] of examples.entries()) {
      const end = at + example.tokens.length - 1
      batch.ids.set(example.tokens.slice(0, -1), at)
      batch.targets.set(example.tokens.slice(1), at)
      batch.weights.fill(weight, at + example.given - 1, end)
      batch.segments.fill(segment, at, end)
      at = end
    }
  }
  return batch
}

/** Refuses what would read outside the embedding or the rotary tables. */
export function requireBatch(batch: TokenBatch, limits: { vocabSize: number; maxPositions: number }): void {
  const { rows, tokens, ids, targets, weights, segments = ids } = batch
  const fits = [ids, targets, weights, segments].every(({ length }) => length === rows * tokens)
  const known = (id: number) => id >= 0 && id < limits.vocabSize
  if (fits && rows > 0 && tokens > 0 && tokens <= limits.maxPositions && ids.every(known) && targets.every(known))
    return
  throw new LanguageModelError('model.batch_invalid', 'The batch does not fit the model.', {
    facts: { rows, tokens, maxTokens: limits.maxPositions, vocabSize: limits.vocabSize },
    nextStep: "Use this model's tokenizer and cut sequences to its context.",
  })
}
