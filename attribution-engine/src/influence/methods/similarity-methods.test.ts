import { seededRandom } from '@openledger/language-model'
import { describe, expect, test } from 'vitest'
import { knnShapley } from './knn-shapley.ts'
import { representationSimilarity } from './representation-similarity.ts'
import { tfIdf } from './tf-idf.ts'

/** Shapley values of a game of a few players, by all orders' definition over subsets. */
function shapleyOf(players: number, gain: (members: readonly number[]) => number): number[] {
  const factorial = (k: number): number => (k < 2 ? 1 : k * factorial(k - 1))
  return Array.from({ length: players }, (_, player) => {
    let value = 0
    for (let bits = 0; bits < 2 ** players; bits++) {
      if (bits & (1 << player)) continue
      const members = Array.from({ length: players }, (_, i) => i).filter((i) => bits & (1 << i))
      const weight = (factorial(members.length) * factorial(players - members.length - 1)) / factorial(players)
      value += weight * (gain([...members, player]) - gain(members))
    }
    return value
  })
}

describe('methods by likeness', () => {
  test.each([1, 2, 3, 6])('KNN-Shapley with %d neighbours is the Shapley value of the classifier', async (k) => {
    const random = seededRandom(k)
    const values = Array.from({ length: 6 }, random.normal)
    const labels = [0, 1, 1, 0, 1, 0]
    const target = { values: [0.1], dimensions: 1, labels: [1] }
    const gain = (members: readonly number[]) =>
      members
        .toSorted((a, b) => Math.abs(values[a]! - 0.1) - Math.abs(values[b]! - 0.1))
        .slice(0, k)
        .reduce((sum, i) => sum + labels[i]!, 0) / k
    const scores = await (await knnShapley(k).cache({ values, dimensions: 1, labels })).attribute(target)
    for (const [i, value] of shapleyOf(6, gain).entries()) expect(scores[i]).toBeCloseTo(value, 12)
  })

  test('representations are compared by their angle', async () => {
    const attributor = await representationSimilarity.cache({ values: [2, 0, 0, 3, 1, 1, 0, 0], dimensions: 2 })
    const scores = await attributor.attribute({ values: [5, 0], dimensions: 2 })
    for (const [i, cosine] of [1, 0, Math.SQRT1_2, 0].entries()) expect(scores[i]).toBeCloseTo(cosine, 12)
  })

  test('TF-IDF: a text is most like itself, not at all like one that shares no run', async () => {
    const texts = ['the quick brown fox', 'jumped over', 'QQQQ WWWW']
    const scores = await (await tfIdf.cache(texts)).attribute(texts)
    expect(scores[0]).toBeCloseTo(1, 12)
    expect(scores[2]).toBe(0)
    expect(scores[1]).toBeLessThan(0.2)
  })

  test('TF-IDF: what every record has counts less than what one has', async () => {
    const attributor = await tfIdf.cache(['common alpha', 'common bravo', 'common gamma'])
    const [first, second] = await attributor.attribute(['alpha', 'common'])
    expect(first).toBeGreaterThan(second!)
    const common = (await attributor.attribute(['common'])).map((score) => Math.round(score * 1e6))
    expect(new Set(common).size).toBe(1)
  })

  test('TF-IDF of a text without any run is zero', async () => {
    expect(await (await tfIdf.cache(['abc', ''])).attribute(['ab'])).toEqual(Float64Array.of(0, 0))
  })
})
