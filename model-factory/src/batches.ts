import { type Example, exampleBatch, type Random, type TokenBatch } from '@openledger/language-model'

/** Sequences within so many batches are sorted by length, so that little of a batch is filling. */
const SORTED_BATCHES = 8

/** What stands in one row of a batch: one example, or several where rows are packed. */
export type Row = readonly Example[]

/**
 * Puts examples into as few rows as fit, the longest first, each into the first row that has room. Without `isPacked`
 * each has a row of its own.
 *
 * @param contextTokens that a row predicts at most
 */
export function layRows(examples: readonly Example[], contextTokens: number, isPacked: boolean): Row[] {
  if (!isPacked) return examples.map((example) => [example])
  const rows: { examples: Example[]; room: number }[] = []
  for (const example of examples.toSorted((a, b) => b.tokens.length - a.tokens.length)) {
    const needed = example.tokens.length - 1
    const row = rows.find(({ room }) => room >= needed)
    if (row === undefined) rows.push({ examples: [example], room: contextTokens - needed })
    else {
      row.examples.push(example)
      row.room -= needed
    }
  }
  return rows.map((row) => row.examples)
}

/** The batches of one epoch: every row once, in an order that `random` decides. Losses are nats per token. */
export function epochBatches(rows: readonly Row[], batchSize: number, random: Random): TokenBatch[] {
  const shuffled = random.shuffle(rows)
  const batches: Row[][] = []
  for (let start = 0; start < shuffled.length; start += batchSize * SORTED_BATCHES) {
    const sorted = shuffled.slice(start, start + batchSize * SORTED_BATCHES).sort(byWidth)
    for (let at = 0; at < sorted.length; at += batchSize) batches.push(sorted.slice(at, at + batchSize))
  }
  return random.shuffle(batches).map((batch) => exampleBatch(batch, 1 / predictedTokens(batch.flat())))
}

/** Batches to measure a loss over all examples: the sum of their losses is nats per token of the whole. */
export function measuringBatches(rows: readonly Row[], batchSize: number): TokenBatch[] {
  const sorted = rows.toSorted(byWidth)
  const weight = 1 / predictedTokens(rows.flat())
  const batches: TokenBatch[] = []
  for (let at = 0; at < sorted.length; at += batchSize) {
    batches.push(exampleBatch(sorted.slice(at, at + batchSize), weight))
  }
  return batches
}

/** Tokens that are learned: all but those that are given. */
export function predictedTokens(examples: readonly Example[]): number {
  return examples.reduce((sum, { tokens, given }) => sum + tokens.length - given, 0)
}

function byWidth(a: Row, b: Row): number {
  return widthOf(a) - widthOf(b)
}

function widthOf(row: Row): number {
  return row.reduce((sum, { tokens }) => sum + tokens.length - 1, 0)
}
