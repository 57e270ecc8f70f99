/**
 * Training on the spike's byte model (0.84 million parameters). All figures are processor time on one thread of ONNX
 * Runtime, medians of rounds that alternate what is compared: what else runs on the machine counts little.
 *
 * Equal work for the ratios: `rows.grad_ratio` is a gradient for each record against one for all of them, of the same
 * batch by the same adapter; `multitenant.ratio` is one step of each of 32 adapters, together against one after the other.
 */
import {
  type BaseModel,
  buildTrainingGraph,
  floats,
  initialAdapter,
  integers,
  loraParameterCount,
  type ModelConfig,
  openSession,
  randomWeights,
  seededRandom,
  TenantsTrainer,
  type TokenBatch,
  Trainer,
  tokenBatch,
} from '@openledger/language-model'
import type { Figure } from '../figure.ts'

const CONFIG: ModelConfig = {
  hiddenSize: 128,
  layers: 4,
  heads: 4,
  kvHeads: 4,
  headDim: 32,
  intermediateSize: 352,
  vocabSize: 258,
  ropeTheta: 10_000,
  rmsNormEps: 1e-5,
  tieWordEmbeddings: true,
  maxPositions: 128,
}
const LORA = { rank: 8, alpha: 16, targets: ['q', 'v', 'o', 'up', 'down'] } as const
const OPTIMISER = { beta1: 0.9, beta2: 0.98, epsilon: 1e-8, weightDecay: 0, maxGradientNorm: 1 }
const BATCH = { rows: 8, tokens: 128 }
const TENANTS = 32
/** Lengths of tenants' records: one row each, as small tenants have. */
const SHORT_TOKENS = 16
const ROUNDS = 9

export async function* measure(): AsyncIterable<Figure> {
  const base: BaseModel = { config: CONFIG, weights: randomWeights(CONFIG, 1) }
  yield await loraSpeed(base)
  yield await rowsRatio(base)
  yield await tenantsRatio(base)
}

async function loraSpeed({ config, weights }: BaseModel): Promise<Figure> {
  const trained = { kind: 'lora', weights, lora: LORA } as const
  const trainer = await Trainer.create(config, trained, initialAdapter(config, LORA, 1), OPTIMISER)
  const batch = batchOf(BATCH.rows, BATCH.tokens)
  const [seconds] = await alternate([() => trainer.step(batch, 1e-3)])
  await trainer.release()
  const tokens = BATCH.rows * BATCH.tokens
  return figure('lora.tokens_per_cpu_s', Math.round(tokens / seconds!), null, null, 'tokens/cpu-s')
}

async function rowsRatio({ config, weights }: BaseModel): Promise<Figure> {
  const batch = batchOf(BATCH.rows, BATCH.tokens)
  const adapter = initialAdapter(config, LORA, 1)
  const dims = [batch.rows, batch.tokens]
  const feeds = {
    ids: integers(batch.ids, dims),
    targets: integers(batch.targets, dims),
    weights: floats(batch.weights, dims),
    parameters: floats(adapter, [loraParameterCount(config, LORA)]),
  }
  const open = (kind: 'lora' | 'rows') =>
    openSession(buildTrainingGraph(config, { kind, weights, lora: LORA }, { kind: 'gradient' }))
  const [rows, mean] = [await open('rows'), await open('lora')]
  const [each, one] = await alternate([() => rows.run(feeds), () => mean.run(feeds)])
  await rows.release()
  await mean.release()
  return figure('rows.grad_ratio', milli(each!), milli(one!), round(each! / one!), 'ms/batch')
}

async function tenantsRatio(base: BaseModel): Promise<Figure> {
  const { config, weights } = base
  const starts = Array.from({ length: TENANTS }, (_, seed) => initialAdapter(config, LORA, seed))
  const batches = starts.map((_, seed) => batchOf(1, SHORT_TOKENS, seed))
  const together = await TenantsTrainer.create(base, LORA, starts, OPTIMISER)
  const alone = await Trainer.create(config, { kind: 'lora', weights, lora: LORA }, starts[0]!, OPTIMISER)
  const [joined, apart] = await alternate([
    () => together.step(batches, 1e-3),
    async () => {
      for (const batch of batches) await alone.step(batch, 1e-3)
    },
  ])
  await together.release()
  await alone.release()
  const tokens = TENANTS * SHORT_TOKENS
  const [ours, peer] = [Math.round(tokens / joined!), Math.round(tokens / apart!)]
  return figure('multitenant.ratio', ours, peer, round(apart! / joined!), 'tokens/cpu-s')
}

/** Median processor seconds of each, after one round that is not counted. */
async function alternate(works: (() => Promise<unknown>)[]): Promise<number[]> {
  const seconds: number[][] = works.map(() => [])
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [at, work] of works.entries()) {
      const before = process.cpuUsage()
      await work()
      const { user, system } = process.cpuUsage(before)
      if (round > 0) seconds[at]!.push((user + system) / 1e6)
    }
  }
  return seconds.map((all) => all.sort((a, b) => a - b)[all.length >> 1]!)
}

function batchOf(rows: number, tokens: number, seed = 0): TokenBatch {
  const random = seededRandom(seed)
  const sequence = () => Array.from({ length: tokens + 1 }, () => random.below(CONFIG.vocabSize))
  return tokenBatch(Array.from({ length: rows }, sequence), (predicted) => 1 / (rows * predicted))
}

function figure(name: string, ours: number, peer: number | null, ratio: number | null, unit: string): Figure {
  return { bench: 'train', name, ours, peer, ratio, unit, n: ROUNDS }
}

const milli = (seconds: number) => round(seconds * 1000)
const round = (value: number) => Math.round(value * 1000) / 1000
