import type { ApiContext } from '../context.ts'
import { readEpoch, standingRoots } from '../sources/epochs.ts'

export const typeDefs = /* GraphQL */ `
  extend type Query {
    contributor(account: Address!): Contributor!
  }

  "An account that contributes records, and what it earned."
  type Contributor {
    account: Address!
    "Name to be credited, as the account's first contribution gives it; the account itself when none does."
    name: String!
    contributionCount: Int!
    recordCount: BigInt!
    "All that the newest live root grants, in wei of OPEN. CUMULATIVE"
    earnedWei: BigInt!
    "Paid out so far, in wei of OPEN. CUMULATIVE"
    claimedWei: BigInt!
    "earnedWei - claimedWei: what a claim would pay now."
    claimableWei: BigInt!
    "What a claim needs; null when no live root grants the account anything."
    proof: Proof
    claims: [Claim!]!
  }

  "A leaf of a reward root with the siblings that lead to the root: arguments of RewardDistributor.claim."
  type Proof {
    epoch: Int!
    root: Bytes32!
    "account << 96 | cumulative wei"
    word: Bytes32!
    index: Int!
    siblings: [Bytes32!]!
    cumulativeWei: BigInt!
  }

  "A payout from the reward vault."
  type Claim {
    account: Address!
    "Who received it: the account or the recipient that it chose."
    to: Address!
    amountWei: BigInt!
    "Paid to the account in all, this claim included. CUMULATIVE"
    cumulativeWei: BigInt!
    blockNumber: BigInt!
    transactionHash: Bytes32!
  }
`

export type ContributorRow = { account: string }
type AccountRow = { contributionCount: number; recordCount: string; claimedWei: string }

/** The newest root that pays now: not frozen, its window over at the pinned block. */
async function liveProof({ account }: ContributorRow, context: ApiContext) {
  const { timestamp } = await context.subgraph.block()
  const nowSeconds = timestamp ?? Math.floor(Date.now() / 1000)
  const live = (await standingRoots(context.subgraph)).find(
    (root) => root.status === 'Proposed' && !root.isFrozen && Number(root.opensAt) <= nowSeconds,
  )
  if (live === undefined) return null
  const leaf = (await readEpoch(context.contentStore, live.dataCid)).proof(account)
  if (leaf === null) return null
  return { epoch: live.epoch, root: live.root, ...leaf, siblings: leaf.proof }
}

async function claimed(row: ContributorRow, context: ApiContext): Promise<bigint> {
  return BigInt((await context.accounts.load(row.account))?.claimedWei ?? 0)
}

export const resolvers = {
  Query: { contributor: (_: unknown, { account }: { account: string }) => ({ account }) },
  Contributor: {
    name: async ({ account }: ContributorRow, _: unknown, { names }: ApiContext) =>
      (await names.load(account)) ?? account,
    contributionCount: async ({ account }: ContributorRow, _: unknown, { accounts }: ApiContext) =>
      ((await accounts.load(account)) as AccountRow | null)?.contributionCount ?? 0,
    recordCount: async ({ account }: ContributorRow, _: unknown, { accounts }: ApiContext) =>
      ((await accounts.load(account)) as AccountRow | null)?.recordCount ?? '0',
    earnedWei: async (row: ContributorRow, _: unknown, context: ApiContext) =>
      (await liveProof(row, context))?.cumulativeWei ?? 0n,
    claimedWei: (row: ContributorRow, _: unknown, context: ApiContext) => claimed(row, context),
    claimableWei: async (row: ContributorRow, _: unknown, context: ApiContext) => {
      const earned = (await liveProof(row, context))?.cumulativeWei ?? 0n
      const paid = await claimed(row, context)
      return earned > paid ? earned - paid : 0n
    },
    proof: (row: ContributorRow, _: unknown, context: ApiContext) => liveProof(row, context),
    claims: async ({ account }: ContributorRow, _: unknown, { subgraph }: ApiContext) => {
      const { claims } = await subgraph.query<{ claims: { account: { id: string } }[] }>(
        `query($block: Int!, $account: Bytes!) {
          claims(first: 100, where: {account: $account}, orderBy: blockNumber, orderDirection: desc, block: {number: $block}) {
            account { id } to amountWei cumulativeWei blockNumber transactionHash
          }
        }`,
        { account },
      )
      return claims
    },
  },
  Claim: { account: ({ account }: { account: { id: string } }) => account.id },
}
