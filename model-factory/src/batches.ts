import { type Random, type TokenBatch, tokenBatch } from '@openledger/language-model'

/** Sequences within so many batches are sorted by length, so that little of a batch is filling. */
const SORTED_BATCHES = 8

/** The batches of one epoch: every sequence once, in an order that `random` decides. Losses are nats per token. */
export function epochBatches(sequences: readonly number[][], batchSize: number, random: Random): TokenBatch[] {
  const shuffled = random.shuffle(sequences)
  const batches: number[][][] = []
  for (let start = 0; start < shuffled.length; start += batchSize * SORTED_BATCHES) {
    const sorted = shuffled.slice(start, start + batchSize * SORTED_BATCHES).sort((a, b) => a.length - b.length)
    for (let at = 0; at < sorted.length; at += batchSize) batches.push(sorted.slice(at, at + batchSize))
  }
  return random.shuffle(batches).map(perToken)
}

/** Batches to measure a loss over all sequences: the sum of their losses is nats per token of the whole. */
export function measuringBatches(sequences: readonly number[][], batchSize: number): TokenBatch[] {
  const sorted = sequences.toSorted((a, b) => a.length - b.length)
  const total = predictedTokens(sequences)
  const batches: TokenBatch[] = []
  for (let at = 0; at < sorted.length; at += batchSize) {
    batches.push(tokenBatch(sorted.slice(at, at + batchSize), () => 1 / total))
  }
  return batches
}

/** Tokens that are predicted: all but the first of each sequence. */
export function predictedTokens(sequences: readonly number[][]): number {
  return sequences.reduce((sum, sequence) => sum + sequence.length - 1, 0)
}

function perToken(sequences: readonly number[][]): TokenBatch {
  const total = predictedTokens(sequences)
  return tokenBatch(sequences, () => 1 / total)
}
