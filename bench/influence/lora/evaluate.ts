/** Every method's scores in one run, beside the truth of retraining. */
import { type AdapterWeights, loraParameters, RowsGradients, tokenBatch } from '@openledger/language-model'
import {
  answerSequence,
  type GradientSource,
  recordSequence,
  type Sequence,
} from '../../../attribution-engine/src/features/gradient-source.ts'
import { createLoraGradients } from '../../../attribution-engine/src/features/lora-gradients.ts'
import { createMatrixProduct } from '../../../attribution-engine/src/features/matrix-product.ts'
import { computeSeedFeatures, FEATURE_SETTINGS } from '../../../attribution-engine/src/features/seed-features.ts'
import { computeAnswerFeatures } from '../../../attribution-engine/src/influence/answer-features.ts'
import { dataInf } from '../../../attribution-engine/src/influence/methods/data-inf.ts'
import { empiricalFisher } from '../../../attribution-engine/src/influence/methods/empirical-fisher.ts'
import { gaussNewton } from '../../../attribution-engine/src/influence/methods/gauss-newton.ts'
import { gradientDot } from '../../../attribution-engine/src/influence/methods/gradient-dot.ts'
import { hiddenStates } from '../../../attribution-engine/src/influence/methods/hidden-states.ts'
import type { Gradients, Scores } from '../../../attribution-engine/src/influence/methods/method.ts'
import {
  overCheckpoints,
  sumOfStandardised,
} from '../../../attribution-engine/src/influence/methods/over-checkpoints.ts'
import { representationSimilarity } from '../../../attribution-engine/src/influence/methods/representation-similarity.ts'
import { tfIdf } from '../../../attribution-engine/src/influence/methods/tf-idf.ts'
import { trak } from '../../../attribution-engine/src/influence/methods/trak.ts'
import { type FeatureSet, scoreRecords } from '../../../attribution-engine/src/influence/score.ts'
import { type Experiment, INFLUENCE_SEEDS, LORA } from './experiment.ts'
import { Retraining } from './retrain.ts'
import { type Truth, targetsOf } from './truth.ts'

/** Start, epoch 1 and epoch 2, as the product attributes. */
const CHECKPOINTS = ['initial', 'epoch-1', 'epoch-2'] as const

/** Dimensions of TRAK's projection. */
const TRAK_DIMENSIONS = 1024

/** Scores by the name of a method, [all targets, records]; `ours` is what the product pays by, in integers. */
export type Evaluation = {
  scores: Record<string, Scores>
  /** CPU time of the published features, in that of the gradient passes that they need. */
  featuresRatio: number
}

export async function evaluate(experiment: Experiment, truth: Truth): Promise<Evaluation> {
  const { base, records } = experiment
  const targets = targetsOf(experiment, truth).map(({ tokens, prompt }) =>
    answerSequence(tokens.slice(0, prompt), tokens.slice(prompt)),
  )
  const sequences = records.map(({ tokens }) => recordSequence(tokens))
  const rows = await RowsGradients.create(base, LORA, { threads: 1 })
  const retraining = await Retraining.open(experiment)
  const product = await createMatrixProduct()
  const all = records.map((_, i) => i)
  const bySeed: Record<string, Scores>[] = []
  const features: FeatureSet['layers'][number][] = []
  const time = { features: 0, gradients: 0 }
  const answers: Int8Array[][] = targets.map(() => [])

  for (const seed of INFLUENCE_SEEDS) {
    const trained = await retraining.train(all, seed)
    const adapters = new Map<string, AdapterWeights>(CHECKPOINTS.map((name, at) => [name, trained[at]!]))
    adapters.set('final', trained.at(-1)!)
    const source = createLoraGradients(rows, adapters)
    const { parameters } = source
    const at = async (checkpoint: string, some: readonly Sequence[]): Promise<Gradients> => ({
      values: await source.gradients(checkpoint, some),
      parameters,
    })
    const early: Gradients[] = []
    const earlyTargets: Gradients[] = []
    const sampled: Float32Array[] = []
    for (const [place, checkpoint] of CHECKPOINTS.entries()) {
      early.push(await at(checkpoint, sequences))
      earlyTargets.push(await at(checkpoint, targets))
      const drawn = await source.sampleTargets(checkpoint, sequences, seed * 1009 + place)
      sampled.push(await source.gradients(checkpoint, drawn))
    }
    const last = await at('final', sequences)
    const lastTargets = await at('final', targets)
    const scores: Record<string, Scores> = {}
    const curvature = concatenate(sampled)
    const pooled = early.map((gradients) => ({ ...gradients, curvature }))
    scores['gauss-newton'] = await attribute(overCheckpoints(gaussNewton(product)), pooled, earlyTargets)
    const single = early.map((gradients, place) => ({ ...gradients, curvature: sampled[place]! }))
    scores['gauss-newton, not pooled'] = await attribute(overCheckpoints(gaussNewton(product)), single, earlyTargets)
    scores['dot, 3 checkpoints'] = await attribute(overCheckpoints(gradientDot(product)), early, earlyTargets)
    scores['empirical Fisher, 3 checkpoints'] = await attribute(
      overCheckpoints(empiricalFisher(product)),
      early,
      earlyTargets,
    )
    scores.dot = await attribute(gradientDot(product), last, lastTargets)
    scores['empirical Fisher'] = await attribute(empiricalFisher(product), last, lastTargets)
    const layers = loraParameters(base.config, LORA).map(({ length }) => length)
    scores.datainf = await attribute(dataInf(layers), last, lastTargets)
    const { losses } = await forwardLosses(rows, adapters.get('final')!, records)
    const probabilities = losses.map((loss) => Math.exp(-loss))
    scores.trak = await attribute(trak(product, TRAK_DIMENSIONS), { ...last, probabilities }, lastTargets)
    scores.repsim = await attribute(
      representationSimilarity,
      await hiddenStates(base, rows, adapters.get('final')!, sequences),
      await hiddenStates(base, rows, adapters.get('final')!, targets),
    )

    const before = cpuS()
    const quantised = await computeSeedFeatures(
      timed(source, time),
      product,
      CHECKPOINTS,
      sequences,
      seed,
      FEATURE_SETTINGS,
    )
    time.features += cpuS() - before
    features.push(...quantised.map((layer) => ({ ...layer, seed })))
    for (const [target, sequence] of targets.entries()) {
      answers[target]!.push(await computeAnswerFeatures(source, [...CHECKPOINTS], sequence))
    }
    bySeed.push(scores)
  }
  const evaluation: Record<string, Scores> = {}
  for (const name of Object.keys(bySeed[0]!)) {
    evaluation[name] = sumOfStandardised(bySeed.map((scores) => scores[name]!))
    evaluation[`${name}, one seed`] = bySeed[0]![name]!
  }
  const set: FeatureSet = { parameters: rows.parameters, records: all.map(digest), layers: features }
  evaluation.ours = Float64Array.from(
    answers.flatMap((parts) =>
      scoreRecords(set, joinInt8(parts)).map((seeds) => Number(seeds.reduce((sum, score) => sum + score, 0n))),
    ),
  )
  const tf = await attribute(
    tfIdf,
    records.map(({ text }) => text),
    targetsOf(experiment, truth).map(({ tokens, prompt }) =>
      base.tokenizer.decode(prompt === 1 ? tokens.slice(1) : tokens.slice(prompt)),
    ),
  )
  evaluation.tfidf = tf
  evaluation['ours + tfidf'] = sumOfStandardised([evaluation.ours, tf]) // both of deviation 1
  await rows.release()
  return { scores: evaluation, featuresRatio: time.features / time.gradients }
}

async function attribute<A, B>(
  method: { cache(training: A): Promise<{ attribute(targets: B): Promise<Scores> }> },
  training: A,
  targets: B,
): Promise<Scores> {
  return (await method.cache(training)).attribute(targets)
}

/** The source, with the time that is spent in it added up. */
function timed(source: GradientSource, time: { gradients: number }): GradientSource {
  const measure = async <T>(work: () => Promise<T>): Promise<T> => {
    const before = cpuS()
    const result = await work()
    time.gradients += cpuS() - before
    return result
  }
  return {
    parameters: source.parameters,
    gradients: (...about) => measure(() => source.gradients(...about)),
    sampleTargets: (...about) => measure(() => source.sampleTargets(...about)),
  }
}

function cpuS(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}

async function forwardLosses(rows: RowsGradients, adapter: AdapterWeights, records: Experiment['records']) {
  const losses: number[] = []
  for (let at = 0; at < records.length; at += 12) {
    const batch = tokenBatch(
      records.slice(at, at + 12).map(({ tokens }) => tokens),
      (predicted) => 1 / predicted,
    )
    losses.push(...(await rows.forward(adapter, batch)).losses)
  }
  return { losses }
}

function concatenate(parts: readonly Float32Array[]): Float32Array {
  const out = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0))
  let offset = 0
  for (const part of parts) {
    out.set(part, offset)
    offset += part.length
  }
  return out
}

function joinInt8(parts: readonly Int8Array[]): Int8Array {
  const out = new Int8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let offset = 0
  for (const part of parts) {
    out.set(part, offset)
    offset += part.length
  }
  return out
}

function digest(i: number): `0x${string}` {
  return `0x${i.toString(16).padStart(64, '0')}`
}
