/**
 * Which records say the same. A cluster is trained on once and earns once, so copying a record cannot raise what it earns
 * (Shapley-like pay without this rewards a record copied four times 1.73-fold).
 *
 * Left out: paraphrase and images (they need embeddings), and a record that holds another one among much else (its
 * Jaccard similarity is low by definition).
 */
import type { ClusterMember, ClustersManifest, Digest } from '@openledger/protocol'
import { BANDS, candidateGroups, minHash, PERMUTATION_SEED, PERMUTATIONS, signatureSimilarity } from './min-hash.ts'
import { jaccard, normaliseText, SHINGLE_TOKENS, shinglesOf } from './shingles.ts'

/** Two texts at least this alike are near duplicates. */
export const SIMILARITY_THRESHOLD = 0.8

/** Pairs whose signatures estimate less are not compared: six standard errors (0.035) below the threshold. */
const ESTIMATE_FLOOR = 0.6

/** All that decides the result, for the clusters manifest. */
export const CLUSTER_PARAMETERS: Readonly<Record<string, string | number>> = {
  normalisation: 'NFKC, lower case, white space collapsed',
  shingleTokens: SHINGLE_TOKENS,
  permutations: PERMUTATIONS,
  bands: BANDS,
  permutationSeed: PERMUTATION_SEED,
  jaccardThreshold: SIMILARITY_THRESHOLD,
}

export type ClusterRecord = {
  digest: Digest
  text: string
  contributionId: string
  contributor: `0x${string}`
  /** Place on chain: any number that is smaller for what was contributed earlier. */
  order: number
}

/**
 * Groups records into clusters of exact and near duplicates: single linkage over pairs with Jaccard similarity >= 0.8.
 * The result does not depend on the order of `records`.
 * @returns clusters by their canonical record's place on chain; members likewise, the canonical one first, ties by digest
 */
export function clusterRecords(records: readonly ClusterRecord[]): ClustersManifest['clusters'] {
  const sorted = [...records].sort(byPlaceOnChain)
  const texts = new Map<string, number[]>() // normalised text → its records
  for (const [index, record] of sorted.entries()) {
    const text = normaliseText(record.text)
    const same = texts.get(text)
    if (same) same.push(index)
    else texts.set(text, [index])
  }
  // Exact copies are one entry from here on: a thousand copies cost one comparison, not a million.
  const copies = [...texts.values()]
  const groups = linkNearDuplicates([...texts.keys()])

  const clusters = new Map<number, number[]>()
  for (const [entry, group] of groups.entries()) {
    const members = clusters.get(group)
    if (members) members.push(...copies[entry]!)
    else clusters.set(group, [...copies[entry]!])
  }
  return [...clusters.values()]
    .map((members) => members.sort((a, b) => a - b))
    .sort((a, b) => a[0]! - b[0]!)
    .map((members) => ({ canonical: sorted[members[0]!]!.digest, members: members.map((i) => memberOf(sorted[i]!)) }))
}

/** For each text the index of its group's first text. */
function linkNearDuplicates(texts: readonly string[]): number[] {
  const shingles = texts.map(shinglesOf)
  const signatures = shingles.map(minHash)
  const parent = texts.map((_, index) => index)
  const find = (index: number): number => {
    let root = index
    while (parent[root] !== root) root = parent[root]!
    while (parent[index] !== root) [parent[index], index] = [root, parent[index]!]
    return root
  }
  for (const group of candidateGroups(signatures)) {
    for (const [position, a] of group.entries()) {
      for (const b of group.slice(position + 1)) {
        const roots = [find(a), find(b)] as const
        if (roots[0] === roots[1]) continue
        if (signatureSimilarity(signatures[a]!, signatures[b]!) < ESTIMATE_FLOOR) continue
        if (jaccard(shingles[a]!, shingles[b]!) < SIMILARITY_THRESHOLD) continue
        parent[Math.max(...roots)] = Math.min(...roots)
      }
    }
  }
  return texts.map((_, index) => find(index))
}

function memberOf(record: ClusterRecord): ClusterMember {
  return { digest: record.digest, contributionId: record.contributionId, contributor: record.contributor }
}

function byPlaceOnChain(a: ClusterRecord, b: ClusterRecord): number {
  return a.order - b.order || compare(a.digest, b.digest) || compare(a.contributionId, b.contributionId)
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
