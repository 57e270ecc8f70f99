// Generated from src/operations/earnings.graphql by scripts/generate-operations.ts.
import type { Operation } from '../api/operation.ts'

export type EarningsVariables = Record<string, never>

export type EarningsData = {
  _meta: {
    block: number
  }
  answers: {
    nodes: Array<{
      receiptHash: `0x${string}`
      timestampMs: string
      prompt: string | null
      poolWei: string | null
      model: {
        id: `0x${string}`
        name: string
      } | null
      epoch: {
        number: number
      } | null
      shares: Array<{
        amountWei: string
        contributor: {
          account: `0x${string}`
          name: string
        }
        record: {
          digest: `0x${string}`
          title: string
        } | null
      }>
    }>
  }
}

export const earnings: Operation<EarningsVariables, EarningsData> = {
  name: 'earnings',
  hash: 'bb16b14b413cc21931a6ef5da28cc31b4a32d89821a6095f244045ab59ab73e1',
}
