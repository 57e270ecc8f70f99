/**
 * Serving many adapters. All figures of time are processor time, on one thread of ONNX Runtime: what else runs on the
 * machine counts little. What differs by percents alternates, and the median of the rounds counts.
 *
 * Beside llama.cpp there is no figure yet: its weights would have to be written as GGUF first.
 */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import type { Adapter, Projection } from '@openledger/language-model'
import { ServingModel } from '../../inference-node/src/engine/serving-model.ts'
import type { Figure } from '../figure.ts'
import { coldLoads } from './cold-load.ts'
import { Decoding } from './decode.ts'
import { receiptCpuS } from './receipts.ts'
import { type Policy, serveRequests } from './serve-requests.ts'
import { ALL, ATTENTION, CONFIG, type Popularity, RANK, randomAdapter, requests, weights } from './workload.ts'

const ADAPTERS = 1000
const REQUESTS = 64
/** One by one takes long: of so many requests its speed is known as well. */
const REQUESTS_APART = 12
const ANSWER_TOKENS = 32
const ROUNDS = 5
const COLD_LOADS = 30

export async function* measure(): AsyncIterable<Figure> {
  yield memoryRatio()
  const rows = await open(ALL)
  const adapters = keptAdapters(ALL)
  let anyS = 0
  const ratios: Record<'same' | 'one', Figure[]> = { same: [], one: [] }
  for (const popularity of ['zipf', 'uniform'] as const) {
    const { any, ...others } = await speeds(rows, popularity, adapters)
    anyS += ANSWER_TOKENS / any / 2
    const unit = 'tokens/cpu-s'
    yield {
      bench: 'serve',
      name: `mix_${popularity}.speed`,
      ours: round(any),
      peer: null,
      ratio: null,
      unit,
      n: REQUESTS,
    }
    for (const policy of ['same', 'one'] as const) {
      const name = policy === 'same' ? 'mix.vs_same_adapter' : 'mix.vs_one_by_one'
      const peer = round(others[policy])
      ratios[policy].push({ bench: 'serve', name, ours: round(any), peer, ratio: round(any / peer), unit, n: ADAPTERS })
    }
  }
  // Of both popularities the one that does us less good.
  for (const figures of Object.values(ratios)) yield figures.sort((a, b) => a.ratio! - b.ratio!)[0]!

  yield await sixteen(rows, adapters)
  const bare = await open([])
  yield await overhead('lora.overhead_qkvo', bare, ATTENTION)
  yield await overhead('lora.overhead_all', bare, ALL)
  await bare.close()

  const cold = (await coldLoads(rows, COLD_LOADS)).slice(5)
  yield {
    bench: 'serve',
    name: 'adapter.cold_ms',
    ours: round(median(cold)),
    peer: null,
    ratio: null,
    unit: 'ms',
    n: cold.length,
  }
  const receiptS = await receiptCpuS(requests(200, ADAPTERS, 'zipf', ANSWER_TOKENS))
  const share = receiptS / (receiptS + anyS)
  yield {
    bench: 'serve',
    name: 'receipts.cpu_share',
    ours: round(share),
    peer: null,
    ratio: null,
    unit: 'of CPU',
    n: 200,
  }
  await rows.close()
}

function open(targets: readonly Projection[]): Promise<ServingModel> {
  return ServingModel.open({ config: CONFIG, weights: weights(), shape: { rank: RANK, targets }, threads: 1 })
}

/** A thousand names over 64 sets of values: each name is put into its row anew, which is what costs. */
function keptAdapters(targets: readonly Projection[]): (key: string) => Adapter {
  const kept = Array.from({ length: 64 }, (_, seed) => randomAdapter(targets, seed))
  return (key) => kept[Number(key) % kept.length]!
}

async function speeds(
  model: ServingModel,
  popularity: Popularity,
  adapterOf: (key: string) => Adapter,
): Promise<Record<Policy, number>> {
  const all = requests(REQUESTS, ADAPTERS, popularity, ANSWER_TOKENS)
  const speed = async (policy: Policy) => {
    const some = policy === 'one' ? all.slice(0, REQUESTS_APART) : all
    const { cpuS, tokens } = await serveRequests(model, some, policy, adapterOf)
    return tokens / cpuS
  }
  return { any: await speed('any'), same: await speed('same'), one: await speed('one') }
}

/** 16 requests for 16 adapters at once: what llama.cpp answers with a context for each. */
async function sixteen(model: ServingModel, adapterOf: (key: string) => Adapter): Promise<Figure> {
  const some = requests(16, ADAPTERS, 'uniform', ANSWER_TOKENS)
  const { cpuS, tokens } = await serveRequests(model, some, 'any', adapterOf)
  const name = 'peer.llamacpp_fp32'
  return { bench: 'serve', name, ours: round(tokens / cpuS), peer: null, ratio: null, unit: 'tokens/cpu-s', n: 16 }
}

/** How much more a batch of 32 different adapters costs than the same batch of the bare base, whose graph knows no adapters. */
async function overhead(name: string, bare: ServingModel, targets: readonly Projection[]): Promise<Figure> {
  const model = await open(targets)
  const [mixed, base] = [new Decoding(model, (row) => randomAdapter(targets, row)), new Decoding(bare, null)]
  const factors: number[] = []
  for (let round = 0; round < ROUNDS + 1; round++) {
    const [ours, theirs] = [await mixed.stepCpuS(), await base.stepCpuS()]
    if (round > 0) factors.push(ours / theirs)
  }
  await model.close()
  return { bench: 'serve', name, ours: round(median(factors)), peer: null, ratio: null, unit: 'x base', n: ROUNDS }
}

function memoryRatio(): Figure {
  const script = join(import.meta.dirname, 'memory.ts')
  const output = execFileSync(process.execPath, ['--expose-gc', script], { encoding: 'utf8' })
  const { adapters, all, base } = JSON.parse(output) as Record<'adapters' | 'all' | 'base', number>
  const megabytes = (bytes: number) => Math.round(bytes / 1e6)
  const [ours, peer] = [megabytes(all), megabytes(base * adapters)]
  return { bench: 'serve', name: 'memory.ratio', ours, peer, ratio: round(peer / ours), unit: 'MB', n: adapters }
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000
}
