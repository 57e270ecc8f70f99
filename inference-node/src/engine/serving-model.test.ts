import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openTinyModel, tinyAdapter, tinyRequest } from '../testing/tiny-model.ts'
import { PREFILL_TOKENS, type ServingModel } from './serving-model.ts'

let model: ServingModel
beforeAll(async () => {
  model = await openTinyModel()
})
afterAll(() => model.close())

/** Reads a prompt step and generates one token for `count` rows, of which the first is always the same. */
async function logitsOfFirst(count: number, slots: number, at = 0): Promise<{ prompt: number[]; next: number[] }> {
  const rows = model.rows(count + at)
  const sequences = Array.from(
    { length: count },
    (_, row) => tinyRequest(row === at ? 900 : 100 + row + count).promptTokenIds,
  )
  const parts = sequences.map((ids) => ids.slice(0, PREFILL_TOKENS))
  const counts = parts.map(({ length }) => length)
  for (let row = 0; row < count; row++)
    rows.adapters.fill(row, `${row === at ? 'own' : row}`, tinyAdapter(row === at ? 2 : row + 3))
  rows.cache.fit(slots, [])
  const tokenIds = new Int32Array(count * PREFILL_TOKENS)
  for (const [row, part] of parts.entries()) tokenIds.set(part, row * PREFILL_TOKENS)
  const vocabSize = model.config.vocabSize
  const own = (logits: Float32Array) => [...logits.subarray(at * vocabSize, (at + 1) * vocabSize)]
  const prompt = own(await model.step(rows, { first: 0, tokenIds, counts, lengths: counts.map(() => 0) }))
  const last = Int32Array.from({ length: count }, (_, row) => (row === at ? 5 : row))
  const next = own(await model.step(rows, { first: 0, tokenIds: last, counts: counts.map(() => 1), lengths: counts }))
  return { prompt, next }
}

describe('ServingModel', () => {
  it.each([4, 16, 32])('gives a row among %i the bits that it has alone', async (count) => {
    expect(await logitsOfFirst(count, 64)).toEqual(await logitsOfFirst(1, 64))
  })

  it.each([128, 192, 256, 320, 512, 1024])(
    'gives a row the same bits with a cache of %i slots as with 64',
    async (slots) => {
      expect(await logitsOfFirst(3, slots)).toEqual(await logitsOfFirst(1, 64))
    },
  )

  it('gives a row the same bits wherever it stands in the batch', async () => {
    expect(await logitsOfFirst(8, 64, 7)).toEqual(await logitsOfFirst(1, 64))
  })
})
