/** What Hugging Face computed from tiny models and tokenizers: the folders of `reference/testdata`, see the README beside it. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Adapter, packAdapterRows } from '../adapter-rows.ts'
import { PROJECTIONS } from '../config.ts'
import { buildServingGraph, servingSignature } from '../graphs/serving.ts'
import { parseModelConfig } from '../hugging-face-config.ts'
import { loraParameters } from '../lora.ts'
import { openAdapter, type ReadModelFile } from '../model-files.ts'
import { floats, floatsOf, integers, openSession } from '../onnx/session.ts'
import type { BaseModel } from '../rows-gradients.ts'
import { readSafetensors, toFloat32 } from '../safetensors.ts'
import { parseShardIndex, readShardedWeights } from '../sharded-weights.ts'
import { PROJECTION_MODULE, readModelWeights } from '../weights.ts'

const FOLDER = join(import.meta.dirname, 'reference/testdata')

export const REFERENCE_MODELS = readdirSync(join(FOLDER, 'models')).sort()
export const REFERENCE_TOKENIZERS = readdirSync(join(FOLDER, 'tokenizers')).sort()

export type ReferenceFacts = {
  ids: number[]
  prefillTokens: number
  batch: number[][]
  learningRate: number
  loss: number
  gradientNorm: number
}

export function readReference(...path: string[]): Uint8Array {
  return readFileSync(join(FOLDER, ...path))
}

export function readReferenceJson<T>(...path: string[]): T {
  return JSON.parse(new TextDecoder().decode(readReference(...path)))
}

/** The model without a tokenizer, for these have none. */
export async function openReference(name: string): Promise<BaseModel & { adapter: Adapter }> {
  const read: ReadModelFile = async (file) => readReference('models', name, file)
  const config = parseModelConfig(readReferenceJson('models', name, 'config.json'))
  const isSharded = readdirSync(join(FOLDER, 'models', name)).includes('model.safetensors.index.json')
  const weights = isSharded
    ? await readShardedWeights(
        config,
        parseShardIndex(readReferenceJson('models', name, 'model.safetensors.index.json')),
        read,
      )
    : readModelWeights(config, await read('model.safetensors'))
  return { config, weights, adapter: await openAdapter(config, (file) => read(join('adapter', file))) }
}

/** Tensors of a stored file, as floats. */
export function referenceTensors(...path: string[]): Map<string, Float32Array> {
  const { tensors } = readSafetensors(readReference(...path))
  return new Map([...tensors].map(([name, tensor]) => [name, toFloat32(tensor)]))
}

/** PEFT's tensors of an adapter as one vector in our order, where A and B are transposed. */
export function adapterVector({ config }: BaseModel, { lora }: Adapter, tensorOf: (name: string) => Float32Array) {
  const vector: number[] = []
  for (const { layer, matrix, projection, shape } of loraParameters(config, lora)) {
    const values = tensorOf(
      `base_model.model.model.layers.${layer}.${PROJECTION_MODULE[projection]}.lora_${matrix}.weight`,
    )
    const [rows, columns] = shape
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) vector.push(values[column * rows + row]!)
    }
  }
  return Float32Array.from(vector)
}

/**
 * Logits of every token of a sequence, read in steps of so many tokens, each over the cache of those before it.
 *
 * @returns `[tokens, vocab]`
 */
export async function serveInSteps(
  { config, weights }: BaseModel,
  adapter: Adapter | undefined,
  ids: readonly number[],
  steps: readonly number[],
): Promise<Float32Array> {
  // Room for more than any of the adapters takes.
  const options = { rank: 5, targets: PROJECTIONS, logits: 'all' } as const
  const session = await openSession(buildServingGraph(config, weights, options))
  const caches = servingSignature(config, options).inputs.filter(({ name }) => /^past_(key|value)/.test(name))
  const past = new Map(caches.map(({ name }) => [name, new Float32Array()]))
  const { headDim, kvHeads } = config
  const logits: number[] = []
  let start = 0
  for (const count of steps) {
    // More slots than tokens, as a server has them.
    const slots = start + 3
    const laidOut = (own: Float32Array) => {
      const cache = new Float32Array(kvHeads * slots * headDim)
      for (let head = 0; head < kvHeads; head++) {
        cache.set(own.subarray(head * start * headDim, (head + 1) * start * headDim), head * slots * headDim)
      }
      return floats(cache, [1, kvHeads, slots, headDim])
    }
    const outputs = await session.run({
      input_ids: integers(Int32Array.from(ids.slice(start, start + count)), [1, count]),
      past_lengths: integers(Int32Array.of(start), [1]),
      ...Object.fromEntries([...past].map(([name, own]) => [name, laidOut(own)])),
      ...Object.fromEntries(
        [...packAdapterRows(config, options, [adapter])].map(([name, { dims, values }]) => [
          name,
          floats(values, dims),
        ]),
      ),
    })
    logits.push(...floatsOf(outputs, 'logits'))
    for (const [name, own] of past) {
      const fresh = floatsOf(outputs, name.replace('past_', 'new_'))
      const heads = Array.from({ length: kvHeads }, (_, head) => [
        ...own.subarray(head * start * headDim, (head + 1) * start * headDim),
        ...fresh.subarray(head * count * headDim, (head + 1) * count * headDim),
      ])
      past.set(name, Float32Array.from(heads.flat()))
    }
    start += count
  }
  await session.release()
  return Float32Array.from(logits)
}

/** The largest difference between two lists of numbers, and that over the largest number of the reference. */
export function difference(actual: ArrayLike<number>, expected: ArrayLike<number>) {
  if (actual.length !== expected.length) throw new Error(`${actual.length} numbers against ${expected.length}`)
  let absolute = 0
  let largest = 0
  for (let i = 0; i < actual.length; i++) {
    absolute = Math.max(absolute, Math.abs(actual[i]! - expected[i]!))
    largest = Math.max(largest, Math.abs(expected[i]!))
  }
  return { absolute, relative: absolute / largest }
}
