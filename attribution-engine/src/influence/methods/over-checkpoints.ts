/**
 * One method at several checkpoints or seeds: each one's scores divided by their standard deviation, then summed, so that
 * no checkpoint drowns the others by the size of its gradients.
 *
 * Early checkpoints matter more than the method: most of what a record teaches is learned in the first epochs.
 */
import type { Attributor, InfluenceMethod, Scores } from './method.ts'

export function overCheckpoints<Training, Targets>(
  method: InfluenceMethod<Training, Targets>,
): InfluenceMethod<readonly Training[], readonly Targets[]> {
  return {
    name: `${method.name}, several checkpoints`,
    async cache(trainings) {
      const attributors: Attributor<Targets>[] = []
      for (const training of trainings) attributors.push(await method.cache(training))
      return {
        async attribute(targets) {
          const all: Scores[] = []
          for (const [at, attributor] of attributors.entries()) all.push(await attributor.attribute(targets[at]!))
          return sumOfStandardised(all)
        },
      }
    },
  }
}

/** Σ scores / standard deviation of the scores; scores that are all equal add nothing. */
export function sumOfStandardised(all: readonly Scores[]): Scores {
  const sum = new Float64Array(all[0]!.length)
  for (const scores of all) {
    const mean = scores.reduce((total, score) => total + score, 0) / scores.length
    const deviation = Math.sqrt(scores.reduce((total, score) => total + (score - mean) ** 2, 0) / scores.length)
    if (deviation === 0) continue
    for (const [at, score] of scores.entries()) sum[at]! += score / deviation
  }
  return sum
}
