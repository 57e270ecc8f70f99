/**
 * How well attribution predicts what retraining does, ours beside the published methods, and what its integers cost.
 *
 * The retrained truth of the language model is kept under bench/results/ with the hash of what made it; `--fresh` makes it
 * again, about a quarter of an hour of CPU a set.
 */
import type { BenchOptions, Figure } from '../figure.ts'
import { measureConvex } from './heads/convex.ts'
import { measureMislabelled } from './heads/mislabelled.ts'
import { measureTwoLayer } from './heads/two-layer.ts'
import { measureIntegerProducts } from './integer-products.ts'
import { evaluate } from './lora/evaluate.ts'
import { openExperiment, RECORDS, SUBSETS, TRUTH_SEEDS } from './lora/experiment.ts'
import type { SetName } from './lora/sources.ts'
import { keepTruth, makeTruth, readTruth, type Truth } from './lora/truth.ts'
import { ceilingOf, ldsOf, tableOf } from './lora/truth-figures.ts'
import { writeTables } from './write-tables.ts'

/** Figures that stand beside ours, by what `evaluate` calls them. */
const PEERS: Record<string, string> = {
  lds_float: 'gauss-newton',
  lds_datainf: 'datainf',
  lds_empirical_fisher: 'empirical Fisher',
  lds_trak: 'trak',
  lds_graddot: 'dot',
  lds_graddot_3_checkpoints: 'dot, 3 checkpoints',
  lds_empirical_fisher_3_checkpoints: 'empirical Fisher, 3 checkpoints',
  lds_repsim: 'repsim',
  lds_tfidf: 'tfidf',
  lds_with_tfidf: 'ours + tfidf',
}

export async function* measure(options: BenchOptions): AsyncIterable<Figure> {
  const figures: Figure[] = []
  for await (const figure of measureAll(options)) {
    figures.push(figure)
    yield figure
  }
  if (options.docs) writeTables(figures)
}

async function* measureAll({ fresh }: BenchOptions): AsyncIterable<Figure> {
  const convex = await measureConvex()
  yield figure('head.loo_r', convex.looR['approximate leave-one-out']!, 'Pearson r', 600)
  yield figure('head.loo_r_exact_hessian', convex.looR['exact-Hessian influence']!, 'Pearson r', 600)
  yield figure('head.lds', convex.lds['exact-Hessian influence']!, 'LDS', 60)
  yield figure('head.lds_leave_one_out', convex.lds['approximate leave-one-out']!, 'LDS', 60)
  yield figure('head.lds_knn_shapley', convex.lds['KNN-Shapley']!, 'LDS', 60)
  yield figure('head.accuracy', convex.accuracy, 'of answers', 60)
  const twoLayer = await measureTwoLayer()
  yield figure('mlp.lds', twoLayer.lds, 'LDS', 50)
  yield figure('mlp.lds_one_seed', twoLayer.oneSeed, 'LDS', 50)
  const quality = measureMislabelled()
  yield figure('mislabel.auc', quality['Data-OOB']!, 'AUC', 600)
  yield figure('mislabel.auc_self_influence', quality['self-influence']!, 'AUC', 600)
  yield figure('mislabel.auc_cross_fit_loss', quality['cross-fit loss']!, 'AUC', 600)
  const { ours, bare } = await measureIntegerProducts()
  yield { ...figure('integer_gemm.ratio', ours, 'GFLOP/cpu-s', 256), peer: round(bare), ratio: round(ours / bare) }
  yield* measureSet('main', 'lora', fresh)
  yield* measureSet('hard', 'lora_hard', fresh)
}

async function* measureSet(set: SetName, prefix: string, fresh: boolean): AsyncIterable<Figure> {
  const experiment = await openExperiment(set)
  const truth = await truthOf(experiment, fresh)
  if (truth === undefined) return
  const { scores, featuresRatio } = await evaluate(experiment, truth)
  const held = experiment.targets.length
  for (const [suffix, from, to] of [
    ['', 0, held],
    ['_answers', held, 2 * held],
  ] as const) {
    const table = tableOf(truth, RECORDS, from, to)
    const name = `${prefix}${suffix}`
    const score = (of: string) => ldsOf(scores[of]!, table, RECORDS, from, to)
    const n = table.subsets.length
    yield figure(`${name}.lds`, score('ours'), 'LDS', n)
    for (const [peer, of] of Object.entries(PEERS)) yield figure(`${name}.${peer}`, score(of), 'LDS', n)
    const { ceiling, seed } = ceilingOf(table)
    yield figure(`${name}.lds_other_seed`, seed, 'Spearman', n)
    yield figure(`${name}.lds_ceiling`, ceiling, 'LDS', n)
  }
  if (set === 'main') yield { ...figure('features.ratio', featuresRatio, 'x gradient passes', RECORDS) }
}

/** A truth that is not complete is left out, and said so: its bars would be of another experiment. */
async function truthOf(experiment: Awaited<ReturnType<typeof openExperiment>>, fresh: boolean) {
  const runs = SUBSETS * TRUTH_SEEDS.length
  let truth: Truth | undefined = readTruth(experiment)
  if (fresh) truth = await makeTruth(experiment, { isFresh: true })
  if (truth?.runs.length === runs) {
    if (fresh) keepTruth(experiment, truth)
    return truth
  }
  const set = `${experiment.set}: ${truth?.runs.length ?? 0} of ${runs} retrainings are kept for these records`
  console.error(`${set}; \`node bench/influence/lora/make-truth.ts ${experiment.set}\` goes on.`)
  return undefined
}

function figure(name: string, ours: number, unit: string, n: number): Figure {
  return { bench: 'influence', name, ours: round(ours), peer: null, ratio: null, unit, n }
}

function round(value: number): number {
  return Math.round(value * 1e4) / 1e4
}
