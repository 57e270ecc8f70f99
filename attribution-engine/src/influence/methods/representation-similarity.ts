/**
 * Cosine of representations: records that look like the target to the model.
 *
 * @see Hanawa et al. 2021, arXiv:2006.04528, where it is one of the measures compared
 *
 * Left out: the labels. It says what is alike, not what was learned from what.
 */
import type { InfluenceMethod } from './method.ts'

export type Representations = {
  /** [rows, dimensions] */
  values: ArrayLike<number>
  dimensions: number
}

export const representationSimilarity: InfluenceMethod<Representations, Representations> = {
  name: 'representation similarity',
  async cache(training) {
    const records = unitRows(training)
    return {
      async attribute(targets) {
        return Float64Array.from(
          unitRows(targets).flatMap((target) =>
            records.map((record) => record.reduce((sum, value, at) => sum + value * target[at]!, 0)),
          ),
        )
      },
    }
  },
}

function unitRows({ values, dimensions }: Representations): Float64Array[] {
  return Array.from({ length: values.length / dimensions }, (_, row) => {
    const vector = Float64Array.from({ length: dimensions }, (_, at) => values[row * dimensions + at]!)
    const norm = Math.hypot(...vector)
    return norm === 0 ? vector : vector.map((value) => value / norm)
  })
}
