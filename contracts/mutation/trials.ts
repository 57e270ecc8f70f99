/** What is known of each mutant that was ever tried, over any number of runs, and the report made of it. */
import { existsSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Mutant } from './mutants.ts'
import type { Outcome } from './worker.ts'

/** One line a trial; of several of one mutant the last counts. */
export const TRIALS = join(import.meta.dirname, 'trials.jsonl')

/** What names a mutant as long as the function around it stays: lines move. */
export type MutantKey = Pick<Mutant, 'file' | 'within' | 'operator' | 'before' | 'after' | 'nth'>
/** @property seconds of one worker */
export type Kept = MutantKey & { outcome: Outcome; seconds: number; date: string }

type Row = {
  /** Of how many. */
  mutants: number
  tried: number
  killed: number
  survived: number
  explained: number
  equivalent: number
  stillborn: number
  /** Killed among those that compile to other code. */
  score: number
  secondsPerMutant: number
}

export function keyOf({ file, within, operator, before, after, nth }: MutantKey): string {
  return JSON.stringify([file, within, operator, before, after, nth])
}

export function sameMutant(one: MutantKey, other: MutantKey): boolean {
  return keyOf(one) === keyOf(other)
}

/** Sorted by mutant, one of each. */
export function keptTrials(path = TRIALS): Kept[] {
  if (!existsSync(path)) return []
  const lines = readFileSync(path, 'utf8').split('\n').filter(Boolean)
  const last = new Map(lines.map((line) => JSON.parse(line) as Kept).map((trial) => [keyOf(trial), trial]))
  return [...last].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, trial]) => trial)
}

/** @returns a row for each contract of which something was tried, and one for all */
export function reportOf(
  mutants: readonly MutantKey[],
  kept: readonly Kept[],
  explained: (trial: Kept) => boolean,
): { total: Row; contracts: Record<string, Row> } {
  const rowOf = (all: readonly MutantKey[], trials: readonly Kept[]): Row => {
    const count = (outcome: Outcome) => trials.filter((one) => one.outcome === outcome).length
    const [killed, survived] = [count('killed'), count('survived')]
    return {
      mutants: all.length,
      tried: trials.length,
      killed,
      survived,
      explained: trials.filter((one) => one.outcome === 'survived' && explained(one)).length,
      equivalent: count('equivalent'),
      stillborn: count('stillborn'),
      score: killed + survived === 0 ? 1 : round(killed / (killed + survived), 3),
      secondsPerMutant: round(trials.reduce((sum, { seconds }) => sum + seconds, 0) / trials.length, 1),
    }
  }
  const byFile = [...Map.groupBy(kept, ({ file }) => file)].sort(([a], [b]) => (a < b ? -1 : 1))
  const contracts = byFile.map(([file, trials]) => {
    const all = mutants.filter((mutant) => mutant.file === file)
    return [basename(file, '.sol'), rowOf(all, trials)] as const
  })
  return { total: rowOf(mutants, kept), contracts: Object.fromEntries(contracts) }
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits))
}
