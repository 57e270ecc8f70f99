import type { ApiContext } from '../context.ts'
import { checkFirst, type ListArguments, pageOf } from '../lists/page-of.ts'
import { AT_BLOCK, connectionOf, listArguments } from '../lists/sdl.ts'
import {
  ACCOUNT,
  type AccountRow,
  CLAIM,
  type ClaimRow,
  CONTRIBUTION,
  type ContributionRow,
} from '../sources/entities.ts'
import { readEpoch } from '../sources/epochs.ts'
import { nodeOf } from './node.ts'

export const typeDefs = /* GraphQL */ `
  extend type Query {
    "An account as a contributor; one that never contributed has zeros."
    contributor(
      account: Address!
      ${AT_BLOCK}
    ): Contributor!
    "Accounts that contributed, those with most records first unless ordered otherwise."
    contributors(
      ${listArguments('Contributor', 'recordCount', 'desc')}
      ${AT_BLOCK}
    ): ContributorConnection!
    "What a contributor needs to be paid, from the newest live root; null when that grants the account nothing."
    proof(
      account: Address!
      ${AT_BLOCK}
    ): Proof
    "Payouts of rewards, newest first unless ordered otherwise."
    claims(
      ${listArguments('Claim', 'blockNumber', 'desc')}
      ${AT_BLOCK}
    ): ClaimConnection!
  }

  "Filters of contributors, in the subgraph's words."
  input ContributorWhere {
    id_in: [Address!]
    recordCount_gte: BigInt
    contributionCount_gte: Int
    claimedWei_gte: BigInt
  }

  enum ContributorOrderBy {
    id
    recordCount
    contributionCount
    claimedWei
  }

  "Filters of claims, in the subgraph's words."
  input ClaimWhere {
    account: Address
    to: Address
    amountWei_gte: BigInt
    blockNumber_gte: BigInt
    blockNumber_lte: BigInt
  }

  enum ClaimOrderBy {
    id
    blockNumber
    amountWei
  }

  ${connectionOf('Contributor')}
  ${connectionOf('Claim')}

  "An account that contributes records, and what it earned."
  type Contributor implements Node {
    nodeId: ID!
    account: Address!
    "Name to be credited, as the account's first contribution gives it; the account itself when none does."
    name: String!
    "Contributions made. CUMULATIVE"
    contributionCount: Int!
    "Records that those contributions state. CUMULATIVE"
    recordCount: BigInt!
    "All that the newest live root grants, in wei of OPEN. CUMULATIVE"
    earnedWei: BigInt!
    "Paid out so far, in wei of OPEN. CUMULATIVE"
    claimedWei: BigInt!
    "earnedWei - claimedWei: what a claim would pay now, in wei of OPEN. CURRENT"
    claimableWei: BigInt!
    "Address that rewards are paid to; null for the account itself. CURRENT"
    recipient: Address
    "OPEN held, in wei. CURRENT"
    balanceWei: BigInt!
    "What a claim needs; null when no live root grants the account anything."
    proof: Proof
    "Its newest payouts, 1 to 100; \`claims(where: {account:})\` of the query gives all."
    claims(first: Int! = 100): [Claim!]!
    "Its contributions, oldest first unless ordered otherwise."
    contributions(
      ${listArguments('Contribution', 'blockNumber', 'asc')}
    ): ContributionConnection!
  }

  "A leaf of a reward root with the siblings that lead to the root: arguments of RewardDistributor.claim."
  type Proof {
    "Number of the epoch whose root this is."
    epoch: Int!
    root: Bytes32!
    "account << 96 | cumulative wei"
    word: Bytes32!
    "Place of the leaf in the tree, from 0."
    index: Int!
    "From the leaf's sibling upwards."
    siblings: [Bytes32!]!
    "In wei of OPEN. CUMULATIVE"
    cumulativeWei: BigInt!
  }

  "A payout from the reward vault."
  type Claim implements Node {
    nodeId: ID!
    account: Address!
    "Who received it: the account or the recipient that it chose."
    to: Address!
    "In wei of OPEN."
    amountWei: BigInt!
    "Paid to the account in all, this claim included, in wei of OPEN. CUMULATIVE"
    cumulativeWei: BigInt!
    "Block of the event."
    blockNumber: BigInt!
    "Unix seconds of that block."
    timestamp: BigInt!
    transactionHash: Bytes32!
  }
`

/** The leaf of an account in the newest root that pays now: not frozen, its window over at the pinned block. */
export async function liveProof(account: string, context: ApiContext) {
  const { timestamp } = await context.subgraph.block()
  const nowSeconds = timestamp ?? Math.floor(Date.now() / 1000)
  const live = (await context.roots()).find(
    (root) => root.status === 'Proposed' && !root.isFrozen && Number(root.opensAt) <= nowSeconds,
  )
  if (live === undefined) return null
  const leaf = (await readEpoch(context.content, live.dataCid)).proof(account)
  if (leaf === null) return null
  return { epoch: live.epoch, root: live.root, ...leaf, siblings: leaf.proof }
}

/** All of an account's fields; those of one that the index never saw are zero. */
async function whole({ id }: AccountRow, { rows }: ApiContext): Promise<AccountRow> {
  return (await rows.load<AccountRow>(ACCOUNT, id)) ?? { id }
}

async function claimed(row: AccountRow, context: ApiContext): Promise<bigint> {
  return BigInt((await whole(row, context)).claimedWei ?? 0)
}

export const resolvers = {
  Query: {
    contributor: (_: unknown, { account }: { account: string }) => ({ id: account }),
    contributors: (_: unknown, page: ListArguments, { subgraph }: ApiContext) =>
      pageOf<AccountRow>(subgraph, ACCOUNT, page, { contributionCount_gt: 0 }),
    proof: (_: unknown, { account }: { account: string }, context: ApiContext) => liveProof(account, context),
    claims: (_: unknown, page: ListArguments, { subgraph }: ApiContext) => pageOf<ClaimRow>(subgraph, CLAIM, page),
  },
  Contributor: {
    ...nodeOf('Contributor', ACCOUNT),
    account: ({ id }: AccountRow) => id,
    name: async ({ id }: AccountRow, _: unknown, { names }: ApiContext) => (await names.load(id)) ?? id,
    contributionCount: async (row: AccountRow, _: unknown, context: ApiContext) =>
      (await whole(row, context)).contributionCount ?? 0,
    recordCount: async (row: AccountRow, _: unknown, context: ApiContext) =>
      (await whole(row, context)).recordCount ?? '0',
    balanceWei: async (row: AccountRow, _: unknown, context: ApiContext) =>
      (await whole(row, context)).balanceWei ?? '0',
    recipient: async (row: AccountRow, _: unknown, context: ApiContext) =>
      (await whole(row, context)).recipient ?? null,
    earnedWei: async ({ id }: AccountRow, _: unknown, context: ApiContext) =>
      (await liveProof(id, context))?.cumulativeWei ?? 0n,
    claimedWei: (row: AccountRow, _: unknown, context: ApiContext) => claimed(row, context),
    claimableWei: async (row: AccountRow, _: unknown, context: ApiContext) => {
      const earned = (await liveProof(row.id, context))?.cumulativeWei ?? 0n
      const paid = await claimed(row, context)
      return earned > paid ? earned - paid : 0n
    },
    proof: ({ id }: AccountRow, _: unknown, context: ApiContext) => liveProof(id, context),
    claims: async ({ id }: AccountRow, { first }: { first: number }, { subgraph }: ApiContext) => {
      checkFirst(first)
      const page = { first, orderBy: 'blockNumber', orderDirection: 'desc' } as const
      return (await pageOf<ClaimRow>(subgraph, CLAIM, page, { account: id })).nodes
    },
    contributions: ({ id }: AccountRow, page: ListArguments, { subgraph }: ApiContext) =>
      pageOf<ContributionRow>(subgraph, CONTRIBUTION, page, { contributor: id }),
  },
  Claim: { ...nodeOf('Claim', CLAIM), account: ({ account }: ClaimRow) => account.id },
}
