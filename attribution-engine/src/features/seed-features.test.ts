import { seededRandom } from '@openledger/language-model'
import { beforeAll, describe, expect, test } from 'vitest'
import { quantiseGradient } from '../influence/answer-features.ts'
import { scoreRecords } from '../influence/score.ts'
import { softmaxRegression } from '../testing/softmax-regression.ts'
import type { Sequence } from './gradient-source.ts'
import { createMatrixProduct, type MatrixProduct } from './matrix-product.ts'
import { createPreconditioner } from './precondition.ts'
import { computeSeedFeatures, FEATURE_SETTINGS } from './seed-features.ts'

const SHAPE = { inputs: 24, features: 8, classes: 10, ridge: 0.3, seed: 3 }
const RECORDS = 40
const TARGETS = 12

/** Records that each speak of a few tokens in their own way, so that who taught what is well defined. */
function drawSequences(count: number, seed: number): Sequence[] {
  const random = seededRandom(seed)
  return Array.from({ length: count }, () => {
    const topic = random.below(6)
    const inputs = Array.from({ length: 8 }, () => (topic * 4 + random.below(5)) % SHAPE.inputs)
    const targets = inputs.map((input) => (random.uniform() < 0.7 ? (input * 5 + topic) % 10 : random.below(10)))
    return { inputs, targets, weights: inputs.map(() => 1 / Math.sqrt(8)) }
  })
}

describe('influence features of a convex model', () => {
  const model = softmaxRegression(SHAPE)
  const records = drawSequences(RECORDS, 1)
  const targets = drawSequences(TARGETS, 2)
  let product: MatrixProduct
  /** [targets][records]: how much the target's loss rises when the record is left out of training, by training without it. */
  let truth: number[][]

  beforeAll(async () => {
    product = await createMatrixProduct()
    const trained = model.train(records)
    model.save('trained', trained)
    const without = records.map((_, left) =>
      model.train(
        records.filter((__, i) => i !== left),
        trained,
      ),
    )
    truth = targets.map((target) => without.map((weights) => model.loss(weights, target) - model.loss(trained, target)))
  })

  test('float features predict exact leave-one-out retraining (r >= .95), at half the error of plain dot products', async () => {
    const gradients = await model.gradients('trained', records)
    const queries = await model.gradients('trained', targets)
    // The Hessian of a weighted loss is linear in the weights, a gradient's square is not: hence their roots.
    const roots = records.map((record) => ({ ...record, weights: record.weights.map(Math.sqrt) }))
    const samples = []
    for (let s = 0; s < 20; s++) {
      samples.push(await model.gradients('trained', await model.sampleTargets('trained', roots, s)))
    }
    const curvature = Float32Array.from(samples.flatMap((rows) => [...rows]))
    // Training minimised a sum with a ridge: F + lambda I is its Hessian over n when lambda = ridge / n.
    const damping = SHAPE.ridge / RECORDS / (squares(curvature) / (20 * RECORDS))
    const psi = await (await createPreconditioner(curvature, model.parameters, product, damping)).apply(gradients)
    const scores = await product.timesTransposed(queries, psi, model.parameters)
    const dots = await product.timesTransposed(queries, gradients, model.parameters)
    const [ours, plain] = [meanCorrelation(scores, truth), meanCorrelation(dots, truth)]
    expect(ours).toBeGreaterThan(0.95)
    expect(1 - ours).toBeLessThan((1 - plain) / 2)
    // Not only their order: in nats, psi · g / n is the change itself.
    expect(
      slope(
        scores.map((score) => score / RECORDS),
        truth,
      ),
    ).toBeGreaterThan(0.8)
    expect(
      slope(
        scores.map((score) => score / RECORDS),
        truth,
      ),
    ).toBeLessThan(1.25)
  })

  test('integer scores keep that, as far as signs of 80 coordinates can', async () => {
    const settings = { ...FEATURE_SETTINGS, samplesPerRecord: 20, damping: 0.01 }
    const [layer] = await computeSeedFeatures(model, product, ['trained'], records, 1, settings)
    const features = {
      parameters: model.parameters,
      records: records.map(() => '0x' as const),
      layers: [{ ...layer!, seed: 1 }],
    }
    const queries = await model.gradients('trained', targets)
    const scores = targets.map((_, t) =>
      scoreRecords(features, quantiseGradient(queries.subarray(t * model.parameters, (t + 1) * model.parameters))).map(
        ([score]) => Number(score),
      ),
    )
    expect(meanCorrelation(Float32Array.from(scores.flat()), truth)).toBeGreaterThan(0.75)
  })
})

describe('sampled curvature', () => {
  test.each([
    ['two draws of every record', { samplesPerRecord: 2 }, [0, 1, 2, 3, 4, 5], 4],
    ['every second record, others at each checkpoint', { samplesPerRecord: 0.5 }, [0, 1, 2, 3, 4, 5], 2],
    ['as many as the limit lets in, spread over the records', { maxCurvatureRows: 4 }, [0, 1, 3, 4], 2],
  ] as const)('takes %s', async (_, change, taken, draws) => {
    const model = softmaxRegression(SHAPE)
    for (const checkpoint of ['one', 'two']) model.save(checkpoint, new Float64Array(model.parameters))
    const records = drawSequences(6, 4)
    const drawn: number[][] = []
    const seeds: number[] = []
    const watched: typeof model = {
      ...model,
      sampleTargets(checkpoint, sequences, seed) {
        drawn.push(sequences.map((sequence) => records.indexOf(sequence)))
        seeds.push(seed)
        return model.sampleTargets(checkpoint, sequences, seed)
      },
    }
    const settings = { ...FEATURE_SETTINGS, ...change }
    await computeSeedFeatures(watched, await createMatrixProduct(), ['one', 'two'], records, 1, settings)
    expect(drawn).toHaveLength(draws)
    expect([...new Set(drawn.flat())].sort()).toEqual(taken)
    expect(new Set(seeds).size).toBe(draws)
  })
})

function squares(values: Float32Array): number {
  return values.reduce((sum, value) => sum + value * value, 0)
}

/** Mean over targets of Pearson's correlation over records. */
function meanCorrelation(scores: Float32Array, truth: readonly number[][]): number {
  const each = truth.map((row, t) => correlation([...scores.subarray(t * row.length, (t + 1) * row.length)], row))
  return each.reduce((sum, r) => sum + r, 0) / each.length
}

function correlation(a: readonly number[], b: readonly number[]): number {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  const [ma, mb] = [mean(a), mean(b)]
  const dot = (x: readonly number[], mx: number, y: readonly number[], my: number) =>
    x.reduce((sum, value, i) => sum + (value - mx) * (y[i]! - my), 0)
  return dot(a, ma, b, mb) / Math.sqrt(dot(a, ma, a, ma) * dot(b, mb, b, mb))
}

/** Least-squares slope through the origin of truth on prediction. */
function slope(prediction: Float32Array, truth: readonly number[][]): number {
  const flat = truth.flat()
  return flat.reduce((sum, y, i) => sum + y * prediction[i]!, 0) / squares(prediction)
}
