import type { ApiContext } from '../context.ts'
import { type ListArguments, pageOf } from '../lists/page-of.ts'
import { AT_BLOCK, connectionOf, listArguments } from '../lists/sdl.ts'
import { TOKEN_TRANSFER, type TokenTransferRow } from '../sources/entities.ts'
import { nodeOf } from './node.ts'

export const typeDefs = /* GraphQL */ `
  extend type Query {
    "Every move of OPEN, gOPEN and WOPEN; newest first unless ordered otherwise."
    tokenFlows(
      ${listArguments('TokenFlow', 'blockNumber', 'desc')}
      ${AT_BLOCK}
    ): TokenFlowConnection!
  }

  "Filters of token flows, in the subgraph's words."
  input TokenFlowWhere {
    "The token's contract."
    token: Address
    from: Address
    to: Address
    amountWei_gte: BigInt
    blockNumber_gte: BigInt
    blockNumber_lte: BigInt
  }

  enum TokenFlowOrderBy {
    id
    blockNumber
    amountWei
  }

  ${connectionOf('TokenFlow')}

  "A token moved."
  type TokenFlow implements Node {
    nodeId: ID!
    "Name of the token's contract: OpenToken, GovernanceOpen or WrappedOpen."
    token: String!
    "Zero for a mint."
    from: Address!
    "Zero for burning."
    to: Address!
    "The contract of ours that sent; null for any other account."
    fromContract: String
    "The contract of ours that received; null for any other account."
    toContract: String
    "In wei of the token."
    amountWei: BigInt!
    "Block of the event."
    blockNumber: BigInt!
    "Unix seconds of that block."
    timestamp: BigInt!
    transactionHash: Bytes32!
  }
`

type FlowRow = TokenTransferRow & { from: string; to: string }

function contractAt(address: string, { deployment }: ApiContext): string | null {
  return Object.entries(deployment.contracts).find(([, contract]) => contract.address === address)?.[0] ?? null
}

export const resolvers = {
  Query: {
    tokenFlows: (_: unknown, page: ListArguments, { subgraph }: ApiContext) =>
      pageOf<FlowRow>(subgraph, TOKEN_TRANSFER, page),
  },
  TokenFlow: {
    ...nodeOf('TokenFlow', TOKEN_TRANSFER),
    token: ({ token }: FlowRow) => token.name,
    fromContract: ({ from }: FlowRow, _: unknown, context: ApiContext) => contractAt(from, context),
    toContract: ({ to }: FlowRow, _: unknown, context: ApiContext) => contractAt(to, context),
  },
}
