import { seededRandom } from '@openledger/language-model'
import { describe, expect, it } from 'vitest'
import { type Design, fitSoftmax, hessianProduct, meanLoss, softmaxProbabilities } from './softmax-regression.ts'

function randomDesign(records: number, dimensions: number, classes: number): Design {
  const random = seededRandom(4)
  return {
    features: Float64Array.from({ length: records * dimensions }, () => random.normal()),
    labels: Int32Array.from({ length: records }, () => random.below(classes)),
    records,
    dimensions,
    classes,
  }
}

describe('a softmax regression', () => {
  const design = randomDesign(30, 5, 3)
  const objective = (weights: Float64Array, lambda: number) =>
    meanLoss(design, softmaxProbabilities(design, weights)) + (lambda / 2) * weights.reduce((sum, w) => sum + w * w, 0)

  it('ends where the objective is least: any step away raises it, and the gradient is zero', () => {
    const fit = fitSoftmax(design, 0.01)
    expect(fit.gradientNorm).toBeLessThanOrEqual(1e-8)
    const random = seededRandom(9)
    for (let i = 0; i < 20; i++) {
      const beside = fit.weights.map((weight) => weight + 1e-3 * random.normal())
      expect(objective(beside, 0.01)).toBeGreaterThan(fit.objective)
    }
  })

  it('with two classes, one feature and no spread gives the log-odds that the counts give', () => {
    // 3 of class 0, 1 of class 1, one feature that is always 1: as the ridge vanishes, w1 − w0 → log(1/3).
    const counts = { features: new Float64Array(4).fill(1), labels: Int32Array.of(0, 0, 0, 1) }
    const { weights } = fitSoftmax({ ...counts, records: 4, dimensions: 1, classes: 2 }, 1e-10)
    expect(weights[1]! - weights[0]!).toBeCloseTo(Math.log(1 / 3), 6)
  })

  it('has the Hessian that finite differences of the gradient have', () => {
    const random = seededRandom(2)
    const at = Float64Array.from({ length: 15 }, () => random.normal())
    const direction = Float64Array.from({ length: 15 }, () => random.normal())
    const product = hessianProduct(design, softmaxProbabilities(design, at), 0.1, direction)
    const h = 1e-4
    const along = (t: number) =>
      objective(
        at.map((value, i) => value + t * direction[i]!),
        0.1,
      )
    const second = (along(h) - 2 * along(0) + along(-h)) / (h * h)
    expect(direction.reduce((sum, value, i) => sum + value * product[i]!, 0)).toBeCloseTo(second, 4)
  })

  it('converges where the classes lie apart and the ridge alone holds the weights', () => {
    const apart = { features: Float64Array.of(-1, 1, 1, 1), labels: Int32Array.of(0, 1), records: 2 }
    const fit = fitSoftmax({ ...apart, dimensions: 2, classes: 2 }, 1e-6)
    expect(fit.gradientNorm).toBeLessThanOrEqual(1e-8)
  })

  it('gives up on features that are no numbers', () => {
    const broken = { ...design, features: design.features.map((value, i) => (i === 3 ? Number.NaN : value)) }
    expect(() => fitSoftmax(broken, 0.01)).toThrow(RangeError)
  })
})
