/**
 * Cosine of TF-IDF vectors over runs of 3 to 5 characters: the baseline that knows neither model nor training, and that
 * most gradient methods lose to on language models.
 *
 *   weight[text, run] = log(1 + count) · log(texts / texts that have it)
 *
 * @see Spärck Jones 1972; Salton & Buckley 1988, doi:10.1016/0306-4573(88)90021-0
 *
 * Left out: words. Runs of characters need no tokenizer and see parts of identifiers.
 */
import type { InfluenceMethod } from './method.ts'

const LENGTHS = [3, 4, 5] as const

export const tfIdf: InfluenceMethod<readonly string[], readonly string[]> = {
  name: 'TF-IDF',
  async cache(training) {
    const counts = training.map(countRuns)
    const documents = new Map<string, number>()
    for (const runs of counts) for (const run of runs.keys()) documents.set(run, (documents.get(run) ?? 0) + 1)
    const weigh = (runs: ReadonlyMap<string, number>) => {
      const weights = new Map<string, number>()
      for (const [run, count] of runs) {
        // A run that no record has weighs as one that a single record has: it only lengthens the target's vector.
        weights.set(run, Math.log1p(count) * Math.log((1 + training.length) / (documents.get(run) ?? 1)))
      }
      const norm = Math.sqrt([...weights.values()].reduce((sum, weight) => sum + weight ** 2, 0))
      return { weights, norm }
    }
    const records = counts.map(weigh)
    return {
      async attribute(targets) {
        return Float64Array.from(
          targets.map(countRuns).flatMap((runs) => {
            const target = weigh(runs)
            return records.map((record) => cosine(target, record))
          }),
        )
      },
    }
  },
}

type Weighed = { weights: ReadonlyMap<string, number>; norm: number }

function cosine(a: Weighed, b: Weighed): number {
  if (a.norm === 0 || b.norm === 0) return 0
  let sum = 0
  for (const [run, weight] of a.weights) sum += weight * (b.weights.get(run) ?? 0)
  return sum / (a.norm * b.norm)
}

function countRuns(text: string): Map<string, number> {
  const counts = new Map<string, number>()
  for (const length of LENGTHS) {
    for (let at = 0; at + length <= text.length; at++) {
      const run = text.slice(at, at + length)
      counts.set(run, (counts.get(run) ?? 0) + 1)
    }
  }
  return counts
}
