import type { ApiContext } from '../context.ts'
import { type PageArguments, pageOf } from '../page-of.ts'
import { type RewardRootRow, ROOT_FIELDS, readEpoch } from '../sources/epochs.ts'

export const typeDefs = /* GraphQL */ `
  extend type Query {
    epoch(number: Int!): Epoch
    "Newest first."
    epochs(first: Int! = 20, after: String): EpochConnection!
  }

  type EpochConnection {
    nodes: [Epoch!]!
    pageInfo: PageInfo!
  }

  "A range of finalised blocks whose answers are paid together, and the root that promises it."
  type Epoch {
    number: Int!
    root: Bytes32!
    "Proposed, Challenged or Rejected."
    status: String!
    "Unix seconds from which the root pays, unless it is challenged before."
    opensAt: BigInt!
    "True when the root pays at the block of this request."
    isLive: Boolean!
    toBlock: BigInt!
    blockHash: Bytes32!
    "Promised by all epochs together, in wei of OPEN. CUMULATIVE"
    totalWei: BigInt!
    proposer: Address!
    transactionHash: Bytes32!
    "CID of the epoch manifest, from which anybody recomputes the root."
    manifestCid: String!
    "Answers paid by this epoch."
    answerCount: Int!
    "Leaves of the tree, sentinels included."
    leafCount: Int!
    "What no record earned, in wei of OPEN."
    reserveWei: BigInt!
  }
`

async function manifestOf(root: RewardRootRow, { contentStore }: ApiContext) {
  return (await readEpoch(contentStore, root.dataCid)).manifest
}

export const resolvers = {
  Query: {
    epoch: async (_: unknown, { number }: { number: number }, { subgraph }: ApiContext) => {
      const { rewardRoots } = await subgraph.query<{ rewardRoots: RewardRootRow[] }>(
        `query($block: Int!, $epoch: Int!) { rewardRoots(first: 1, where: {epoch: $epoch}, block: {number: $block}) { ${ROOT_FIELDS} } }`,
        { epoch: number },
      )
      return rewardRoots[0] ?? null
    },
    epochs: (_: unknown, page: PageArguments, { subgraph }: ApiContext) =>
      pageOf<RewardRootRow>(
        subgraph,
        {
          entity: { typeName: 'RewardRoot', listName: 'rewardRoots' },
          fields: ROOT_FIELDS,
          orderBy: 'epoch',
          direction: 'desc',
        },
        page,
      ),
  },
  Epoch: {
    number: ({ epoch }: RewardRootRow) => epoch,
    isLive: async (root: RewardRootRow, _: unknown, { subgraph }: ApiContext) => {
      const { timestamp } = await subgraph.block()
      const nowSeconds = timestamp ?? Math.floor(Date.now() / 1000)
      return root.status === 'Proposed' && !root.isFrozen && Number(root.opensAt) <= nowSeconds
    },
    proposer: ({ proposer }: RewardRootRow) => proposer.id,
    manifestCid: ({ dataCid }: RewardRootRow) => dataCid,
    answerCount: async (root: RewardRootRow, _: unknown, context: ApiContext) =>
      (await manifestOf(root, context)).answers.length,
    leafCount: async (root: RewardRootRow, _: unknown, context: ApiContext) =>
      (await manifestOf(root, context)).words.length,
    reserveWei: async (root: RewardRootRow, _: unknown, context: ApiContext) =>
      (await manifestOf(root, context)).reserveWei,
  },
}
