/**
 * What a base and a thousand adapters take beside a thousand copies of the base, in a process of their own, so that
 * nothing else is counted. A copy is what opening the base takes here, its weights for the other graphs included: about
 * four times the file. Prints one JSON line.
 */
import { packAdapter } from '../../inference-node/src/engine/packed-adapter.ts'
import { ServingModel } from '../../inference-node/src/engine/serving-model.ts'
import { ATTENTION, CONFIG, RANK, randomAdapter, weights } from './workload.ts'

const ADAPTERS = 1000

const rss = () => {
  globalThis.gc?.()
  return process.memoryUsage.rss()
}
const empty = rss()
const model = await ServingModel.open({
  config: CONFIG,
  weights: weights(),
  shape: { rank: RANK, targets: ATTENTION },
  threads: 1,
})
const base = rss()
const adapters = Array.from({ length: ADAPTERS }, (_, seed) => packAdapter(randomAdapter(ATTENTION, seed)))
const full = rss()
console.log(JSON.stringify({ base: base - empty, all: full - empty, adapters: adapters.length }))
await model.close()
