import type { Tensor } from 'onnxruntime-node'
import { afterAll, describe, expect, it } from 'vitest'
import { packAdapterRows } from '../adapter-rows.ts'
import { tokenBatch } from '../batch.ts'
import type { ModelConfig } from '../config.ts'
import { type AdapterWeights, loraParameterCount } from '../lora.ts'
import { floats, floatsOf, integers, openSession } from '../onnx/session.ts'
import { seededRandom } from '../random.ts'
import { type BaseModel, RowsGradients } from '../rows-gradients.ts'
import { EVERYTHING, randomVector, TINY, TINY_LORA, tinyBase } from '../testing/tiny-model.ts'
import { buildServingGraph, type ServingGraphOptions, servingSignature } from './serving.ts'

// Wider than the tiny model: the kernels that depend on sizes (packing, vector tails) come into play.
const WIDER = { hiddenSize: 96, headDim: 24, intermediateSize: 160, vocabSize: 300 }
const shape = { rank: TINY_LORA.rank, targets: TINY_LORA.targets }

type Row = { ids: number[]; adapter: AdapterWeights | undefined; past: Map<string, Float32Array>; pastLength: number }

async function serve({ config, weights }: BaseModel, options: ServingGraphOptions) {
  const session = await openSession(buildServingGraph(config, weights, options))
  /** One run over rows whose caches are laid out in `slots` slots. */
  const run = async (rows: Row[], slots: number) => {
    const tokens = Math.max(...rows.map(({ ids }) => ids.length))
    const B = rows.length
    const feeds: Record<string, Tensor> = {
      input_ids: integers(Int32Array.from(rows.flatMap(({ ids }) => [...ids, ...Array(tokens - ids.length).fill(0)])), [
        B,
        tokens,
      ]),
      past_lengths: integers(
        Int32Array.from(rows, ({ pastLength }) => pastLength),
        [B],
      ),
    }
    if (options.logits === 'last')
      feeds.last_positions = integers(
        Int32Array.from(rows, ({ ids }) => ids.length - 1),
        [B],
      )
    const { kvHeads, headDim } = config
    for (const { name } of servingSignature(config, options).inputs.filter(
      ({ name }) => name.startsWith('past_') && name !== 'past_lengths',
    )) {
      const cache = new Float32Array(B * kvHeads * slots * headDim)
      rows.forEach(({ past, pastLength }, row) => {
        const own = past.get(name)
        if (own === undefined) return
        for (let head = 0; head < kvHeads; head++) {
          const length = pastLength * headDim
          cache.set(own.subarray(head * length, (head + 1) * length), (row * kvHeads + head) * slots * headDim)
        }
      })
      feeds[name] = floats(cache, [B, kvHeads, slots, headDim])
    }
    for (const [name, { values, dims }] of packAdapterRows(
      config,
      options,
      rows.map(({ adapter }) => adapter && { lora: TINY_LORA, weights: adapter }),
    )) {
      feeds[name] = floats(values, dims)
    }
    const outputs = await session.run(feeds)
    const width = config.vocabSize * (options.logits === 'last' ? 1 : tokens)
    const cacheOf = (row: number) =>
      new Map(
        servingSignature(config, options)
          .outputs.slice(1)
          .map(({ name }) => {
            const all = floatsOf(outputs, name)
            const size = all.length / B
            const perHead = size / kvHeads
            const length = rows[row]!.ids.length * headDim
            const own = new Float32Array(kvHeads * length)
            for (let head = 0; head < kvHeads; head++) {
              const start = row * size + head * perHead
              own.set(all.subarray(start, start + length), head * length)
            }
            return [name.replace('new_', 'past_'), own] as const
          }),
      )
    return rows.map((_, row) => ({
      logits: floatsOf(outputs, 'logits').slice(row * width, (row + 1) * width),
      cache: cacheOf(row),
    }))
  }
  return { run, release: () => session.release() }
}

describe.each<[string, ModelConfig]>([
  ['a plain model', { ...TINY, ...WIDER }],
  ['a model with all that a family may have', { ...EVERYTHING, ...WIDER }],
])('serving %s', async (_, config) => {
  const base = tinyBase(config)
  const adapters: (AdapterWeights | undefined)[] = Array.from({ length: 16 }, (_, row) =>
    row % 4 === 0 ? undefined : randomVector(loraParameterCount(config, TINY_LORA), 0.2, row),
  )
  const random = seededRandom(5)
  const prompts = adapters.map((adapter) => ({
    ids: Array.from({ length: 9 }, () => random.below(config.vocabSize)),
    adapter,
    past: new Map<string, Float32Array>(),
    pastLength: 0,
  }))
  const last = await serve(base, { ...shape, logits: 'last' })
  const all = await serve(base, { ...shape, logits: 'all' })
  afterAll(async () => {
    await last.release()
    await all.release()
  })
  const alone: { logits: Float32Array; cache: Map<string, Float32Array> }[] = []
  for (const row of prompts) alone.push((await last.run([row], 0))[0]!)
  const next = prompts.map((row, i) => ({ ...row, ids: [i + 1], past: alone[i]!.cache, pastLength: row.ids.length }))

  it.each([4, 16])('a prompt among %i rows has the bits that it has alone', async (count) => {
    const together = await last.run(prompts.slice(0, count), 0)
    for (const [row, { logits }] of together.entries()) expect(logits).toEqual(alone[row]!.logits)
  })

  it.each([4, 16])('the next token among %i rows has the bits that it has alone', async (count) => {
    const together = await last.run(next.slice(0, count), 16)
    for (const [row, { logits }] of together.entries()) {
      expect(logits).toEqual((await last.run([next[row]!], 16))[0]!.logits)
    }
  })

  it('a row without an adapter has the bits of a row whose adapter is zero', async () => {
    const zero = new Float32Array(loraParameterCount(config, TINY_LORA))
    const [row] = await last.run([{ ...prompts[0]!, adapter: zero }], 0)
    expect(row!.logits).toEqual(alone[0]!.logits)
  })

  it('an adapter changes the logits', () => {
    const bare = alone[0]!.logits
    expect(alone[1]!.logits.some((value, i) => Math.abs(value - bare[i]!) > 0.1)).toBe(true)
  })

  it('token by token agrees with all at once', async () => {
    for (const row of [0, 1]) {
      const ids = [...prompts[row]!.ids, ...next[row]!.ids]
      const [whole] = await all.run([{ ...prompts[row]!, ids }], 0)
      const [step] = await last.run([next[row]!], 16)
      const expected = whole!.logits.subarray(-config.vocabSize)
      for (const [i, value] of step!.logits.entries()) expect(value).toBeCloseTo(expected[i]!, 3)
    }
  })

  it('computes what the training graph computes', async () => {
    const training = await RowsGradients.create(base, TINY_LORA)
    const { ids, adapter } = prompts[1]!
    const { probabilities } = await training.forward(
      adapter!,
      tokenBatch([[...ids, 0]], () => 1),
    )
    const exponentials = alone[1]!.logits.map(Math.exp)
    const sum = exponentials.reduce((total, value) => total + value, 0)
    const expected = probabilities.subarray(-config.vocabSize)
    for (const [i, value] of exponentials.entries()) expect(value / sum).toBeCloseTo(expected[i]!, 5)
    await training.release()
  })
})
