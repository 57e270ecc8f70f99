import { expect, test } from 'vitest'
import { Metrics, quantile } from './metrics.ts'

const TEXT = `# HELP a of b
# TYPE a counter
a{status="200"} 3
a{status="4\\"04"} 1
b_bucket{le="0.1"} 2
b_bucket{le="+Inf"} 10
b_bucket{le="0.5"} 9
b_count 10
b_sum 2.5
c -1.5e3
`

test('a sample is summed over its labels, and what is not measured is null', () => {
  const metrics = new Metrics(TEXT)
  expect([metrics.value('a'), metrics.value('c'), metrics.value('d')]).toEqual([4, -1500, null])
  expect(metrics.byLabel('a', 'status').map(({ value }) => value)).toEqual([3, 1])
})

test('a quantile is the end of the bucket that holds it', () => {
  const histogram = new Metrics(TEXT).histogram('b')
  expect([0.1, 0.5, 0.9, 0.99].map((part) => quantile(histogram, part))).toEqual([
    0.1,
    0.5,
    0.5,
    Number.POSITIVE_INFINITY,
  ])
  expect(quantile({ count: 0, sum: 0, buckets: [] }, 0.5)).toBe(null)
})
