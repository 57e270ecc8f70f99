/** `node bench/influence/lora/make-truth.ts <main|hard> [--seed n] [--limit n] [--reverse]`: makes the truth, or goes on with it. */
import { parseArgs } from 'node:util'
import { openExperiment, SUBSETS, TRUTH_SEEDS } from './experiment.ts'
import type { SetName } from './sources.ts'
import { keepTruth, makeTruth, readTruth } from './truth.ts'

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { seed: { type: 'string' }, limit: { type: 'string' }, reverse: { type: 'boolean', default: false } },
})
const experiment = await openExperiment((positionals[0] ?? 'main') as SetName)
const seeds = values.seed === undefined ? TRUTH_SEEDS : [Number(values.seed)]
const limit = values.limit === undefined ? Number.POSITIVE_INFINITY : Number(values.limit)
await makeTruth(experiment, { seeds, limit, isReversed: values.reverse })
const truth = readTruth(experiment)!
if (truth.runs.length === SUBSETS * TRUTH_SEEDS.length) keepTruth(experiment, truth)
console.log(`${experiment.set}: ${truth.runs.length} of ${SUBSETS * TRUTH_SEEDS.length} runs`)
process.exit(0)
