import { digestOf } from '@openledger/protocol'
import { expect, it } from 'vitest'
import { splitRecords } from './split.ts'

const digests = Array.from({ length: 2000 }, (_, i) => digestOf(Uint8Array.of(i & 255, i >> 8)))

it('about the wished share validates', () => {
  const validation = splitRecords(digests, 0.1).filter((side) => side === 'validation').length
  expect(validation).toBeGreaterThan(150)
  expect(validation).toBeLessThan(250)
})

it('a record keeps its side whatever stands beside it', () => {
  const all = splitRecords(digests, 0.1)
  expect(splitRecords(digests.slice(500), 0.1)).toEqual(all.slice(500))
})

it('two records are enough for both sides, whichever they are', () => {
  for (let i = 0; i < 200; i += 2) {
    expect(splitRecords(digests.slice(i, i + 2), 0.1).toSorted()).toEqual(['train', 'validation'])
  }
})
