// Generated from src/operations/node-served.graphql by scripts/generate-operations.ts.
import type { Operation } from '../api/operation.ts'

export type NodeServedVariables = {
  account: string
}

export type NodeServedData = {
  _meta: {
    block: number
  }
  inferenceNode: {
    account: `0x${string}`
    earnedWei: string
    answers: {
      nodes: Array<{
        receiptHash: `0x${string}`
        sequence: string
        promptTokens: string
        completionTokens: string
        priceWei: string
        timestampMs: string
        blockNumber: string
        receiptsRoot: `0x${string}`
        model: {
          id: `0x${string}`
          name: string
        } | null
      }>
    }
  }
}

export const nodeServed: Operation<NodeServedVariables, NodeServedData> = {
  name: 'node-served',
  hash: '3f7670de8854bdb304f8dcdfeb9d85bad95c9114460ddaa2e9bd833d2266c660',
}
