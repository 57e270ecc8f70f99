import type { ApiContext } from '../context.ts'
import { type ListArguments, pageOf } from '../lists/page-of.ts'
import { AT_BLOCK, connectionOf, listArguments } from '../lists/sdl.ts'
import { ACCOUNT, type AccountRow, ANSWER } from '../sources/entities.ts'
import type { AnswerRow } from './answer.ts'
import { nodeOf } from './node.ts'

export const typeDefs = /* GraphQL */ `
  extend type Query {
    "A node that serves models, by its address; one that never settled has zeros."
    inferenceNode(
      account: Address!
      ${AT_BLOCK}
    ): InferenceNode!
    "Nodes that were paid for answers, best paid first unless ordered otherwise."
    inferenceNodes(
      ${listArguments('InferenceNode', 'earnedAsNodeWei', 'desc')}
      ${AT_BLOCK}
    ): InferenceNodeConnection!
  }

  "Filters of nodes, in the subgraph's words."
  input InferenceNodeWhere {
    id_in: [Address!]
    earnedAsNodeWei_gte: BigInt
  }

  enum InferenceNodeOrderBy {
    id
    earnedAsNodeWei
  }

  ${connectionOf('InferenceNode')}

  "A node that serves models. (\`Node\` alone is Relay's word for anything that has an id.)"
  type InferenceNode implements Node {
    nodeId: ID!
    account: Address!
    "Fees earned as a node, in wei of OPEN. CUMULATIVE"
    earnedWei: BigInt!
    "Its answers, newest first unless ordered otherwise."
    answers(
      ${listArguments('Answer', 'timestampMs', 'desc')}
    ): AnswerConnection!
  }
`

export const resolvers = {
  Query: {
    inferenceNode: (_: unknown, { account }: { account: string }) => ({ id: account }),
    inferenceNodes: (_: unknown, page: ListArguments, { subgraph }: ApiContext) =>
      pageOf<AccountRow>(subgraph, ACCOUNT, page, { earnedAsNodeWei_gt: '0' }),
  },
  InferenceNode: {
    ...nodeOf('InferenceNode', ACCOUNT),
    account: ({ id }: AccountRow) => id,
    earnedWei: async (row: AccountRow, _: unknown, { rows }: ApiContext) =>
      row.earnedAsNodeWei ?? (await rows.load<AccountRow>(ACCOUNT, row.id))?.earnedAsNodeWei ?? '0',
    answers: ({ id }: AccountRow, page: ListArguments, { subgraph }: ApiContext) =>
      pageOf<AnswerRow>(subgraph, ANSWER, page, { node: id }),
  },
}
