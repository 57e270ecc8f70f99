/** From labelled records to a head: features, standardised; a softmax regression; how it does on records it did not see. */
import type { HeadRecipe } from '@openledger/protocol'
import { TrainingError } from '../error.ts'
import type { Split } from '../split.ts'
import { EXTRACTORS } from './features/extractors.ts'
import { type Design, fitSoftmax, meanLoss, softmaxProbabilities } from './softmax-regression.ts'

export type HeadTask = {
  recipe: HeadRecipe
  /** In the order of the features' rows. */
  records: { content: Uint8Array; label: string; split: Split }[]
}

export type HeadProgress =
  | { kind: 'extracted'; done: number; records: number }
  | { kind: 'fitting'; step: number; gradientNorm: number }

export type FittedHead = {
  classes: string[]
  dimensions: number
  /** `[records, dimensions]`, as extracted, rounded to single precision: what is stored is what was fitted. */
  features: Float32Array
  /** `[dimensions]`, of the training records. */
  mean: Float32Array
  deviation: Float32Array
  /** `[classes, dimensions]` and `[classes]`, for standardised features. */
  weights: Float32Array
  bias: Float32Array
  metrics: { lossBefore: number; lossAfter: number; accuracy: number; gradientNorm: number }
}

/** The gradient's norm that a fit must reach. */
export const GRADIENT_TOLERANCE = 1e-8

/**
 * @throws {TrainingError} `training.record_invalid`, `training.too_few_classes`, `training.diverged`
 */
export async function fitHead(
  { recipe, records }: HeadTask,
  onProgress: (progress: HeadProgress) => void = () => {},
): Promise<FittedHead> {
  const { dimensions, extract } = EXTRACTORS[recipe.kind]
  const classes = [...new Set(records.flatMap(({ label, split }) => (split === 'train' ? [label] : [])))].sort()
  if (classes.length < 2) {
    throw new TrainingError('training.too_few_classes', 'A head needs two classes or more to tell apart.', {
      facts: { classes: classes.length, records: records.length },
      nextStep: 'Contribute records of another label.',
    })
  }
  const features = new Float32Array(records.length * dimensions)
  for (const [row, { content }] of records.entries()) {
    features.set(extract(content), row * dimensions)
    onProgress({ kind: 'extracted', done: row + 1, records: records.length })
    // The caller's other work goes on: a cancelled training stops here.
    if (row % 16 === 15) await new Promise((resolve) => setImmediate(resolve))
  }
  const rowsOf = (split: Split) => records.flatMap((record, row) => (record.split === split ? [row] : []))
  const { mean, deviation } = standardisation(features, rowsOf('train'), dimensions)
  const design = (rows: readonly number[]): Design => ({
    features: standardised(features, rows, { mean, deviation }),
    labels: Int32Array.from(rows, (row) => classes.indexOf(records[row]!.label)),
    records: rows.length,
    dimensions: dimensions + 1,
    classes: classes.length,
  })
  const training = design(rowsOf('train'))
  const fit = await fitted(training, recipe.ridge, onProgress)
  // A class that only validation has can neither be learned nor be judged.
  const validation = design(rowsOf('validation').filter((row) => classes.includes(records[row]!.label)))

  const weights = new Float32Array(classes.length * dimensions)
  const bias = new Float32Array(classes.length)
  for (let k = 0; k < classes.length; k++) {
    const row = fit.weights.subarray(k * (dimensions + 1), (k + 1) * (dimensions + 1))
    weights.set(row.subarray(0, dimensions), k * dimensions)
    bias[k] = row[dimensions]!
  }
  return {
    classes,
    dimensions,
    features,
    mean,
    deviation,
    weights,
    bias,
    metrics: { ...measure(training, validation, fit.weights), gradientNorm: fit.gradientNorm },
  }
}

async function fitted(design: Design, ridge: number, onProgress: (progress: HeadProgress) => void) {
  try {
    return fitSoftmax(design, ridge, GRADIENT_TOLERANCE, (step, gradientNorm) =>
      onProgress({ kind: 'fitting', step, gradientNorm }),
    )
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause
    throw new TrainingError('training.diverged', 'The head could not be fitted.', {
      facts: { reason: cause.message, ridge },
      nextStep: 'Raise the ridge of the recipe.',
      cause,
    })
  }
}

function measure(training: Design, validation: Design, weights: Float64Array) {
  const { classes, records, labels } = validation
  const probabilities = softmaxProbabilities(validation, weights)
  const shares = Float64Array.from({ length: classes }, (_, k) => training.labels.filter((label) => label === k).length)
  const prior = Float64Array.from({ length: records * classes }, (_, i) => shares[i % classes]! / training.records)
  let right = 0
  for (let i = 0; i < records; i++) {
    const row = probabilities.subarray(i * classes, (i + 1) * classes)
    if (row.indexOf(Math.max(...row)) === labels[i]) right++
  }
  const judged = Math.max(1, records)
  return {
    lossBefore: records === 0 ? 0 : meanLoss(validation, prior),
    lossAfter: records === 0 ? 0 : meanLoss(validation, probabilities),
    accuracy: right / judged,
  }
}

function standardisation(features: Float32Array, rows: readonly number[], dimensions: number) {
  const mean = new Float32Array(dimensions)
  const deviation = new Float32Array(dimensions)
  for (let j = 0; j < dimensions; j++) {
    let [sum, squares] = [0, 0]
    for (const row of rows) sum += features[row * dimensions + j]!
    mean[j] = sum / rows.length
    for (const row of rows) squares += (features[row * dimensions + j]! - mean[j]!) ** 2
    // A feature that never changes says nothing; a deviation of 1 leaves it 0.
    const spread = Math.sqrt(squares / rows.length)
    deviation[j] = spread > 1e-6 ? spread : 1
  }
  return { mean, deviation }
}

/**
 * Features less their mean, over their deviation, over √dimensions so that the ridge means the same for every extractor,
 * with a last column of 1.
 *
 * @returns `[rows, dimensions + 1]`
 */
export function standardised(
  features: Float32Array,
  rows: readonly number[],
  { mean, deviation }: { mean: Float32Array; deviation: Float32Array },
): Float64Array {
  const dimensions = mean.length
  const scale = 1 / Math.sqrt(dimensions)
  const design = new Float64Array(rows.length * (dimensions + 1))
  for (const [i, row] of rows.entries()) {
    const start = i * (dimensions + 1)
    for (let j = 0; j < dimensions; j++) {
      design[start + j] = ((features[row * dimensions + j]! - mean[j]!) / deviation[j]!) * scale
    }
    design[start + dimensions] = 1
  }
  return design
}
