/**
 * What retraining says: the losses of all targets after training on each half of the records. It takes about twenty
 * minutes of CPU a set, so it is kept: under bench/results/, named by the hash of what made it. A run that was cut off
 * goes on where it ended, and more subsets may be added later.
 */
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type Experiment, INFLUENCE_SEEDS, SUBSETS, subsetOf, TRUTH_SEEDS } from './experiment.ts'
import { answers, Retraining, type Target } from './retrain.ts'
import type { SetName } from './sources.ts'

const ROOT = join(import.meta.dirname, '../../..')

/** Tokens of a target, beginning mark included, that a generated answer is given; and that it then says. */
const PROMPT_TOKENS = 13
const ANSWER_TOKENS = 20

export type Truth = {
  hash: string
  /** Continuations of the targets' beginnings by the adapter of the first influence seed `[targets][tokens]`. */
  answers: number[][]
  /** Nats a token after training on a subset: first the targets, then the answers. */
  runs: { subset: number; seed: number; losses: number[] }[]
}

/** The truth as far as it is there: what was kept, and what a run that has not ended wrote. */
export function readTruth(experiment: Experiment): Truth | undefined {
  const files = [keptFile(experiment.set), openFile(experiment.set)].filter((file) => existsSync(file))
  let truth: Truth | undefined
  for (const file of files) {
    const [head, ...lines] = readFileSync(file, 'utf8').trimEnd().split('\n')
    const { hash, answers } = JSON.parse(head!) as Omit<Truth, 'runs'>
    if (hash !== experiment.hash) continue
    truth ??= { hash, answers, runs: [] }
    for (const line of lines) {
      const [subset, seed, ...losses] = JSON.parse(line) as [number, number, ...number[]]
      if (!hasRun(truth, subset, seed)) truth.runs.push({ subset, seed, losses })
    }
  }
  return truth
}

export type MakeTruth = {
  seeds?: readonly number[]
  /** Runs at most. */
  limit?: number
  /** Begins with the last subset: two processes may share the work from both ends. */
  isReversed?: boolean
  /** Forgets what is there. */
  isFresh?: boolean
}

/** Retrains what is not there yet. */
export async function makeTruth(
  experiment: Experiment,
  { seeds = TRUTH_SEEDS, limit = Number.POSITIVE_INFINITY, isReversed = false, isFresh = false }: MakeTruth = {},
): Promise<Truth> {
  if (isFresh) for (const file of [keptFile(experiment.set), openFile(experiment.set)]) rmSync(file, { force: true })
  const retraining = await Retraining.open(experiment)
  let truth = readTruth(experiment) ?? (await begin(experiment, retraining))
  const targets = targetsOf(experiment, truth)
  let made = 0
  for (let place = 0; place < SUBSETS; place++) {
    const subset = isReversed ? SUBSETS - 1 - place : place
    for (const seed of seeds) {
      if (made >= limit) return truth
      truth = readTruth(experiment)!
      if (hasRun(truth, subset, seed)) continue
      const adapter = (await retraining.train(subsetOf(experiment.records.length, subset), seed)).at(-1)!
      const losses = (await retraining.losses(adapter, targets)).map((loss) => Math.round(loss * 1e5) / 1e5)
      appendFileSync(openFile(experiment.set), `${JSON.stringify([subset, seed, ...losses])}\n`)
      made++
    }
  }
  return readTruth(experiment)!
}

/** Keeps the truth with the results, in order. */
export function keepTruth(experiment: Experiment, { hash, answers, runs }: Truth): void {
  const order = runs.toSorted((a, b) => a.subset - b.subset || a.seed - b.seed)
  const lines = order.map(({ subset, seed, losses }) => JSON.stringify([subset, seed, ...losses]))
  writeFileSync(keptFile(experiment.set), `${[JSON.stringify({ hash, answers }), ...lines].join('\n')}\n`)
}

/** All that losses are measured on: held-out texts, then generated answers. */
export function targetsOf({ targets }: Experiment, { answers }: Pick<Truth, 'answers'>): Target[] {
  return [
    ...targets.map(({ tokens }) => ({ tokens, prompt: 1 })),
    ...answers.map((tokens) => ({ tokens, prompt: PROMPT_TOKENS })),
  ]
}

async function begin(experiment: Experiment, retraining: Retraining): Promise<Truth> {
  const all = experiment.records.map((_, i) => i)
  const adapter = (await retraining.train(all, INFLUENCE_SEEDS[0])).at(-1)!
  const prompts = experiment.targets.map(({ tokens }) => tokens.slice(0, PROMPT_TOKENS))
  const head = { hash: experiment.hash, answers: await answers(experiment, adapter, prompts, ANSWER_TOKENS) }
  const file = openFile(experiment.set)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, `${JSON.stringify(head)}\n`)
  return { ...head, runs: [] }
}

function hasRun({ runs }: Truth, subset: number, seed: number): boolean {
  return runs.some((run) => run.subset === subset && run.seed === seed)
}

function keptFile(set: SetName): string {
  return join(ROOT, 'bench/results', `influence-truth-${set}.jsonl`)
}

function openFile(set: SetName): string {
  return join(ROOT, '.openledger/bench', `influence-truth-${set}.jsonl`)
}
