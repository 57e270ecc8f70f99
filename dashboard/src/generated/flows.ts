// Generated from src/operations/flows.graphql by scripts/generate-operations.ts.
import type { Operation } from '../api/operation.ts'

export type FlowsVariables = {
  after?: string | null
  first: number
}

export type FlowsData = {
  _meta: {
    block: number
  }
  tokenFlows: {
    nodes: Array<{
      token: string
      from: `0x${string}`
      to: `0x${string}`
      fromContract: string | null
      toContract: string | null
      amountWei: string
      blockNumber: string
      timestamp: string
      transactionHash: `0x${string}`
    }>
    pageInfo: {
      hasNextPage: boolean
      endCursor: string | null
    }
  }
}

export const flows: Operation<FlowsVariables, FlowsData> = {
  name: 'flows',
  hash: '8e45a63f84cae1cb4cf37a7cc46d3ce61fdc7618687920715d8d2be83f1a85bc',
}
