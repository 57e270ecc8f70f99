import type { Adapter } from '@openledger/language-model'
import { PREFILL_TOKENS, type ServingModel } from './serving-model.ts'

/** A text whose embedding is wanted: its tokens, and the adapter that reads them. */
export type EmbedRequest = { promptTokenIds: readonly number[]; adapterKey: string | null }

/**
 * The embedding of a text: the mean of the last hidden states of its tokens, of length 1, [hidden].
 *
 * One row alone, in steps of a fixed size: the same bits whatever else is served, so it can be audited. Yields between the
 * steps, so that answers under way need not wait for a long text.
 */
export async function* embed(
  model: ServingModel,
  adapter: Adapter | null,
  { adapterKey, promptTokenIds }: EmbedRequest,
): AsyncGenerator<void, Float32Array> {
  const rows = model.rows(1)
  rows.adapters.fill(0, adapterKey, adapter)
  const { hiddenSize } = model.config
  const sums = new Float64Array(hiddenSize)
  for (let start = 0; start < promptTokenIds.length; start += PREFILL_TOKENS) {
    const part = promptTokenIds.slice(start, start + PREFILL_TOKENS)
    const tokenIds = new Int32Array(PREFILL_TOKENS)
    tokenIds.set(part)
    rows.cache.fit(start + part.length, [start])
    const hidden = await model.stepHidden(rows, { first: 0, tokenIds, counts: [part.length], lengths: [start] })
    for (let token = 0; token < part.length; token++) {
      for (let i = 0; i < hiddenSize; i++) sums[i]! += hidden[token * hiddenSize + i]!
    }
    yield
  }
  const length = Math.sqrt(sums.reduce((sum, value) => sum + value * value, 0))
  return Float32Array.from(sums, (value) => (length === 0 ? 0 : value / length))
}

/** As transcripts and the API carry it: float32, little-endian, in base64. */
export function encodeEmbedding(embedding: Float32Array): string {
  const bytes = Buffer.alloc(embedding.length * 4)
  for (const [i, value] of embedding.entries()) bytes.writeFloatLE(value, i * 4)
  return bytes.toString('base64')
}

export function decodeEmbedding(text: string): number[] {
  const bytes = Buffer.from(text, 'base64')
  return Array.from({ length: bytes.length >> 2 }, (_, i) => bytes.readFloatLE(i * 4))
}
