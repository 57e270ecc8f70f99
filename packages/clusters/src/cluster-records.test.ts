import { digestOf } from '@openledger/protocol'
import { describe, expect, test } from 'vitest'
import { type ClusterRecord, clusterRecords } from './cluster-records.ts'
import { candidateGroups, minHash, signatureSimilarity } from './min-hash.ts'
import { jaccard, normaliseText, shinglesOf } from './shingles.ts'

const contributor = `0x${'11'.repeat(20)}` as const
const datanet = `0x${'22'.repeat(32)}`

function record(text: string, order: number, name = `${order} ${text}`): ClusterRecord {
  return { digest: digestOf(new TextEncoder().encode(name)), text, contributionId: `${datanet}-1`, contributor, order }
}

/** Words drawn from a vocabulary of 400 by a linear congruential generator. */
function prose(seed: number, words: number): string[] {
  let state = seed * 7919 + 1
  return Array.from({ length: words }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return `w${state % 400}`
  })
}

const sizes = (records: ClusterRecord[]) => clusterRecords(records).map((cluster) => cluster.members.length)

describe('clusters of records', () => {
  test('records that say different things stay apart', () => {
    expect(sizes(Array.from({ length: 50 }, (_, i) => record(prose(i, 80).join(' '), i)))).toEqual(Array(50).fill(1))
  })

  test('copies fall into one cluster whatever their case, white space and compatibility forms', () => {
    const copies = ['The quick ﬁle', ' the  QUICK\nfile ', 'The quick file'].map((text, i) => record(text, i))
    const clusters = clusterRecords([...copies, record('another text', 9)])
    expect(clusters.map((cluster) => cluster.members.length)).toEqual([3, 1])
  })

  test('a record with few edits falls into its original’s cluster, one with many does not', () => {
    const words = prose(1, 120)
    const edited = (changes: number) =>
      words.map((word, i) => (i % Math.floor(120 / changes) === 7 ? 'edit' : word)).join(' ')
    const original = record(words.join(' '), 0)
    expect(sizes([original, record(edited(2), 1)])).toEqual([2])
    expect(sizes([original, record(edited(10), 1)])).toEqual([1, 1])
  })

  test('the threshold is the true Jaccard similarity, not the estimate', () => {
    // Texts of 5-token shingles s, cut at the end: |A ∩ B| = n - k, |A ∪ B| = n, so the similarity is exactly (n - k) / n.
    const words = Array.from({ length: 104 }, (_, i) => `t${i}`) // 100 shingles
    const cut = (shingles: number) => words.slice(0, shingles + 4).join(' ')
    expect(sizes([record(cut(100), 0), record(cut(80), 1)])).toEqual([2])
    expect(sizes([record(cut(100), 0), record(cut(79), 1)])).toEqual([1, 1])
  })

  test('a chain of near copies is one cluster although its ends differ', () => {
    const words = prose(3, 100)
    const chain = Array.from({ length: 12 }, (_, step) =>
      record(words.map((word, i) => (i < step * 2 ? `x${i}` : word)).join(' '), step),
    )
    expect(jaccard(shinglesOf(chain[0]!.text), shinglesOf(chain[11]!.text))).toBeLessThan(0.8)
    expect(sizes(chain)).toEqual([12])
  })

  test('the canonical record is the earliest on chain, ties by digest', () => {
    const late = record('same words here', 7, 'late')
    const early = record('Same words HERE', 3, 'early')
    const tie = record('same  words here', 3, 'tie')
    const first = early.digest < tie.digest ? early : tie
    const [cluster] = clusterRecords([late, tie, early])
    expect(cluster?.canonical).toBe(first.digest)
    expect(cluster?.members.map((member) => member.digest)).toEqual([
      first.digest,
      (first === early ? tie : early).digest,
      late.digest,
    ])
  })

  test('the order in which records are given changes nothing', () => {
    const records = Array.from({ length: 60 }, (_, i) => {
      const words = prose(i % 20, 60)
      if (i >= 20) words[i % 60] = `edit${i}`
      return record(words.join(' '), i % 7)
    })
    const expected = clusterRecords(records)
    expect(expected).toHaveLength(20)
    for (let turn = 1; turn <= 5; turn++) {
      const shuffled = records.map((_, i) => records[(i * 7 + turn * 13) % records.length]!)
      expect(clusterRecords(shuffled)).toEqual(expected)
    }
  })

  test('the same bytes given by two contributors are two members of one cluster', () => {
    const one = record('licensed text', 1, 'bytes')
    const two = { ...one, contributor: `0x${'33'.repeat(20)}` as const, contributionId: `${datanet}-2`, order: 2 }
    const [cluster] = clusterRecords([two, one])
    expect(cluster?.members.map((member) => member.contributionId)).toEqual([`${datanet}-1`, `${datanet}-2`])
  })

  test('texts without words and no records at all are no special case', () => {
    expect(clusterRecords([])).toEqual([])
    expect(sizes([record('', 0), record(' \n ', 1), record('one', 2), record('two', 3)])).toEqual([2, 1, 1])
  })
})

describe('MinHash', () => {
  test('the estimate is unbiased: its error over 40 pairs stays within four standard errors', () => {
    const errors = Array.from({ length: 40 }, (_, i) => {
      const words = prose(i, 150)
      const other = words.map((word, at) => (at % (5 + i) === 0 ? `y${at}` : word))
      const sets = [words, other].map((tokens) => shinglesOf(normaliseText(tokens.join(' ')))) as [
        Float64Array,
        Float64Array,
      ]
      return signatureSimilarity(minHash(sets[0]), minHash(sets[1])) - jaccard(...sets)
    })
    const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length
    expect(Math.abs(mean)).toBeLessThan((4 * 0.044) / Math.sqrt(40))
  })

  test('pairs at the threshold meet in a band', () => {
    const words = Array.from({ length: 104 }, (_, i) => `t${i}`)
    const signatures = [104, 84].map((length) => minHash(shinglesOf(words.slice(0, length).join(' '))))
    expect([...candidateGroups(signatures)]).toContainEqual([0, 1])
  })
})
