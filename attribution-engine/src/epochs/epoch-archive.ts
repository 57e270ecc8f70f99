import { RewardTree } from '@openledger/commitment'
import type { ContentStore } from '@openledger/content-store'
import { cidOfDigest, type Deployment, EpochManifest, OpenLedgerError, parseManifest } from '@openledger/protocol'
import type { EventLog } from 'ethers'
import type { Contracts } from '../chain/contracts.ts'

/** Epochs as they stand on chain, with their published manifests, read once each. */
export class EpochArchive {
  readonly #contracts: Contracts
  readonly #content: Pick<ContentStore, 'get'>
  readonly #startBlock: number
  /** By CID: an epoch's number can be mined again after a reorganisation, with another manifest. */
  readonly #published = new Map<string, EpochArchive.Published>()

  constructor(contracts: Contracts, content: Pick<ContentStore, 'get'>, deployment: Deployment) {
    this.#contracts = contracts
    this.#content = content
    this.#startBlock = deployment.startBlock
  }

  /** Number that the next proposal will have. */
  async nextNumber(): Promise<number> {
    return Number(await this.#contracts.court.nextEpoch!())
  }

  /** The newest epoch that was not rejected; null before the first. */
  async latest(): Promise<EpochArchive.Epoch | null> {
    const number = Number(await this.#contracts.court.latest!())
    return number === 0 ? null : this.epoch(number)
  }

  /** The newest epoch whose root pays; null when none does. */
  async newestLive(): Promise<EpochArchive.Epoch | null> {
    const latest = await this.latest()
    if (latest === null || latest.state === 'live') return latest
    // A root is only proposed on top of a live one, so the parent of one that is not live is.
    return latest.parent === 0 ? null : this.epoch(latest.parent)
  }

  /** @throws epoch.unknown when nothing was proposed under this number */
  async epoch(number: number): Promise<EpochArchive.Epoch> {
    const { court, distributor } = this.#contracts
    if (number < 1 || number >= (await this.nextNumber())) throw unknownEpoch(number)
    const [kept, logs] = await Promise.all([
      court.epoch!(number),
      court.queryFilter(court.filters.RootProposed!(number), this.#startBlock),
    ])
    const proposed = logs.at(-1) as EventLog | undefined
    if (proposed === undefined) throw unknownEpoch(number)
    const root = String(kept.root) as `0x${string}`
    const [isLive, opensAt] = await Promise.all([distributor.isLive!(root), distributor.opensAt!(root)])
    return {
      number,
      root,
      state: STATES[Number(kept.status)] ?? (isLive ? 'live' : 'pending'),
      // The vault marks a frozen root by the greatest number: it never opens.
      opensAt: opensAt < 2n ** 64n ? Number(opensAt) : null,
      totalWei: kept.totalWei as bigint,
      toBlock: Number(kept.toBlock),
      parent: Number(kept.parent),
      proposer: String(kept.proposer).toLowerCase(),
      bondReleased: Boolean(kept.bondReleased),
      manifestCid: cidOfDigest(proposed.args.dataDigest),
      transactionHash: proposed.transactionHash,
    }
  }

  /**
   * What an epoch promises.
   * @throws what `read` throws; epoch.root_differs when its words do not lead to the root on chain
   */
  async manifest(epoch: Pick<EpochArchive.Epoch, 'number' | 'manifestCid' | 'root'>): Promise<EpochArchive.Published> {
    const published = await this.read(epoch.manifestCid)
    if (published.tree.root === epoch.root) return published
    throw new OpenLedgerError('epoch.root_differs', 'The published words do not lead to the root on chain.', {
      facts: { epoch: epoch.number, root: epoch.root, computed: published.tree.root, manifest: epoch.manifestCid },
      nextStep: 'Do not build on this epoch: dispute its root while it is pending (`openledger verify`).',
    })
  }

  /**
   * A published manifest and the tree of its words.
   * @throws manifest.malformed, reward_tree.malformed, and what the content store throws
   */
  async read(cid: string): Promise<EpochArchive.Published> {
    const known = this.#published.get(cid)
    if (known !== undefined) return known
    const manifest = parseManifest(EpochManifest, await this.#content.get(cid), 'epoch manifest')
    const published = { manifest, tree: RewardTree.fromWords(manifest.words) }
    const [oldest] = this.#published.keys()
    if (this.#published.size >= KEPT_MANIFESTS) this.#published.delete(oldest!)
    this.#published.set(cid, published)
    return published
  }
}

/** In memory; the newest few are what is asked for. */
const KEPT_MANIFESTS = 8

export declare namespace EpochArchive {
  type Epoch = {
    number: number
    root: `0x${string}`
    state: 'pending' | 'live' | 'challenged' | 'rejected'
    /** Unix seconds; null while frozen. */
    opensAt: number | null
    totalWei: bigint
    toBlock: number
    parent: number
    proposer: string
    bondReleased: boolean
    manifestCid: string
    transactionHash: string
  }
  type Published = { manifest: EpochManifest; tree: RewardTree }
}

/** RootCourt's status → state, where the status alone decides. */
const STATES: Readonly<Record<number, 'challenged' | 'rejected'>> = { 2: 'challenged', 3: 'rejected' }

function unknownEpoch(number: number): OpenLedgerError {
  return new OpenLedgerError('epoch.unknown', 'There is no epoch of this number.', {
    facts: { epoch: number },
    nextStep: '`GET /epochs` lists those that were proposed.',
  })
}
