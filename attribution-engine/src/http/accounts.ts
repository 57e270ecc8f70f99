import type { Claim } from '@openledger/commitment'
import type { Contracts } from '../chain/contracts.ts'
import type { EpochArchive } from '../epochs/epoch-archive.ts'
import type { Journal } from '../epochs/journal.ts'

/** What an account is owed, why, and how it gets it. */
export type AccountReport = {
  account: string
  /** Newest epoch whose root pays; null before the first. */
  epoch: number | null
  root: string | null
  /** Granted by that epoch and all before it. */
  cumulativeWei: bigint
  claimedWei: bigint
  claimableWei: bigint
  /** What RewardDistributor.claim takes; null when the root grants nothing to the account. */
  claim: Claim | null
  /** Granted on top by a root that does not pay yet: it can still be disputed. */
  pending: { epoch: number; root: string; opensAt: number | null; amountWei: bigint } | null
  /** Where it comes from, newest epoch first. */
  shares: readonly Journal.Share[]
}

/** @param shares at most this many */
export async function reportAccount(
  account: string,
  shares: number,
  stages: { archive: EpochArchive; journal: Journal; contracts: Contracts },
): Promise<AccountReport> {
  const { archive, journal, contracts } = stages
  const live = await archive.newestLive()
  const latest = await archive.latest()
  const tree = live === null ? null : (await archive.manifest(live)).tree
  const cumulativeWei = tree?.amounts().get(account as `0x${string}`) ?? 0n
  const claimedWei = (await contracts.distributor.claimedOf!(account)) as bigint
  return {
    account,
    epoch: live?.number ?? null,
    root: live?.root ?? null,
    cumulativeWei,
    claimedWei,
    claimableWei: cumulativeWei > claimedWei ? cumulativeWei - claimedWei : 0n,
    claim: tree?.claimFor(account) ?? null,
    pending:
      latest === null || latest.number === live?.number
        ? null
        : await pendingOf(account, latest, cumulativeWei, archive),
    shares: await journal.sharesOf(account, shares),
  }
}

async function pendingOf(account: string, latest: EpochArchive.Epoch, liveWei: bigint, archive: EpochArchive) {
  const { tree } = await archive.manifest(latest)
  const promisedWei = tree.amounts().get(account as `0x${string}`) ?? 0n
  const { number: epoch, root, opensAt } = latest
  return { epoch, root, opensAt, amountWei: promisedWei - liveWei }
}
