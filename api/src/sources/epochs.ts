import { EpochManifest, MerkleTree, parseManifest, readRewardWord } from '@openledger/protocol'
import type { Entity } from '../lists/entity.ts'
import type { Content } from './content.ts'
import type { Subgraph } from './subgraph.ts'

export type RewardRootRow = {
  id: string
  epoch: number
  root: string
  dataCid: string
  totalWei: string
  toBlock: string
  blockHash: string
  status: 'Proposed' | 'Challenged' | 'Rejected'
  opensAt: string
  isFrozen: boolean
  proposer: { id: string }
  transactionHash: string
  engineHash: string
  timestamp: string
}

export const EPOCH: Entity = {
  typeName: 'RewardRoot',
  listName: 'rewardRoots',
  fields:
    'id epoch root dataCid totalWei toBlock blockHash status opensAt isFrozen proposer { id } transactionHash engineHash timestamp isBondReleased',
}

/** Published epochs never change, so what was read once is kept for the life of the process. */
const published = new Map<string, Promise<PublishedEpoch>>()
const MAX_KEPT = 32

/** A published epoch and the tree that its words make. */
export class PublishedEpoch {
  readonly manifest: EpochManifest
  readonly #tree: MerkleTree
  readonly #indexByAccount: Map<string, number>
  readonly #answers: Map<string, EpochManifest['answers'][number]>

  constructor(manifest: EpochManifest) {
    this.manifest = manifest
    this.#tree = new MerkleTree(manifest.words)
    this.#indexByAccount = new Map(manifest.words.map((word, index) => [readRewardWord(word).account, index]))
    this.#answers = new Map(manifest.answers.map((answer) => [answer.receiptHash, answer]))
  }

  /** How one answer's pool was split; undefined when the epoch does not pay it. */
  paid(receiptHash: string): EpochManifest['answers'][number] | undefined {
    return this.#answers.get(receiptHash)
  }

  /** The leaf of an account with its proof; null when the epoch grants it nothing. */
  proof(account: string): { word: string; index: number; proof: string[]; cumulativeWei: bigint } | null {
    const index = this.#indexByAccount.get(account)
    if (index === undefined) return null
    const word = this.manifest.words[index]!
    return { word, index, proof: this.#tree.proof(index), cumulativeWei: readRewardWord(word).cumulativeWei }
  }
}

/** The manifest that a root was proposed with, by its CID. */
export function readEpoch(content: Content, cid: string): Promise<PublishedEpoch> {
  const known = published.get(cid)
  if (known !== undefined) return known
  const reading = content
    .get(cid)
    .then((bytes) => new PublishedEpoch(parseManifest(EpochManifest, bytes, 'epoch manifest')))
  published.set(cid, reading)
  reading.catch(() => published.delete(cid))
  if (published.size > MAX_KEPT) published.delete(published.keys().next().value!)
  return reading
}

/** Roots that were not rejected, newest first. */
export async function standingRoots(subgraph: Subgraph): Promise<RewardRootRow[]> {
  const { rewardRoots } = await subgraph.query<{ rewardRoots: RewardRootRow[] }>(
    `query($block: Int!) {
      rewardRoots(first: 1000, where: {status_not: Rejected}, orderBy: epoch, orderDirection: desc, block: {number: $block}) { ${EPOCH.fields} }
    }`,
  )
  return rewardRoots
}
