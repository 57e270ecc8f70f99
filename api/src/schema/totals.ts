import type { ApiContext } from '../context.ts'
import { AT_BLOCK } from '../lists/sdl.ts'

export const typeDefs = /* GraphQL */ `
  extend type Query {
    totals(
      ${AT_BLOCK}
    ): Totals!
  }

  "Sums over the whole platform. CUMULATIVE"
  type Totals {
    "Created. CUMULATIVE"
    datanets: Int!
    "Batches of records given. CUMULATIVE"
    contributions: Int!
    "Accounts that gave one, 1000 at most. CUMULATIVE"
    contributors: Int!
    "As contributions state them. CUMULATIVE"
    records: BigInt!
    "Registered, of all kinds. CUMULATIVE"
    models: Int!
    "Receipts anchored on chain."
    answers: BigInt!
    "Paid for answers, in wei of OPEN."
    settledWei: BigInt!
    "Part of that for contributors, in wei of OPEN."
    contributorsWei: BigInt!
    "Claimed by contributors, in wei of OPEN."
    paidWei: BigInt!
  }
`

type ProtocolRow = {
  datanetCount: number
  contributionCount: number
  recordCount: string
  modelCount: number
  receiptCount: string
  settledWei: string
  contributorsWei: string
  claimedWei: string
}

export const resolvers = {
  Query: {
    totals: async (_: unknown, __: unknown, { subgraph }: ApiContext) => {
      const { protocols, accounts } = await subgraph.query<{ protocols: ProtocolRow[]; accounts: unknown[] }>(
        `query($block: Int!) {
          protocols(first: 1, block: {number: $block}) {
            datanetCount contributionCount recordCount modelCount receiptCount settledWei contributorsWei claimedWei
          }
          accounts(first: 1000, where: {contributionCount_gt: 0}, block: {number: $block}) { id }
        }`,
      )
      const sums = protocols[0]
      return {
        datanets: sums?.datanetCount ?? 0,
        contributions: sums?.contributionCount ?? 0,
        contributors: accounts.length,
        records: sums?.recordCount ?? '0',
        models: sums?.modelCount ?? 0,
        answers: sums?.receiptCount ?? '0',
        settledWei: sums?.settledWei ?? '0',
        contributorsWei: sums?.contributorsWei ?? '0',
        paidWei: sums?.claimedWei ?? '0',
      }
    },
  },
}
