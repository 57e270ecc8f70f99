// Generated from src/operations/events.graphql by scripts/generate-operations.ts.
import type { Operation } from '../api/operation.ts'

export type EventsVariables = Record<string, never>

export type EventsData = {
  _meta: {
    block: number
  }
  contributions: {
    nodes: Array<{
      id: string
      recordCount: string
      blockNumber: string
      timestamp: string
      transactionHash: `0x${string}`
      contributor: {
        account: `0x${string}`
        name: string
      }
      datanet: {
        id: `0x${string}`
        name: string
      }
    }>
  }
  models: {
    nodes: Array<{
      id: `0x${string}`
      name: string
      kind: 'Base' | 'Adapter' | 'Head'
      owner: `0x${string}`
      blockNumber: string
      timestamp: string
    }>
  }
  claims: {
    nodes: Array<{
      account: `0x${string}`
      to: `0x${string}`
      amountWei: string
      blockNumber: string
      timestamp: string
      transactionHash: `0x${string}`
    }>
  }
  answers: {
    nodes: Array<{
      receiptHash: `0x${string}`
      priceWei: string
      blockNumber: string
      timestampMs: string
      settlementTransaction: `0x${string}`
      payer: `0x${string}` | null
      node: `0x${string}`
      model: {
        id: `0x${string}`
        name: string
      } | null
    }>
  }
  votes: {
    nodes: Array<{
      voter: `0x${string}`
      support: 'Against' | 'For' | 'Abstain'
      blockNumber: string
      timestamp: string
      transactionHash: `0x${string}`
    }>
  }
  epochs: {
    nodes: Array<{
      number: number
      proposer: `0x${string}`
      answerCount: number
      timestamp: string
      toBlock: string
      transactionHash: `0x${string}`
    }>
  }
}

export const events: Operation<EventsVariables, EventsData> = {
  name: 'events',
  hash: '3d312fcf9c6a339afe026b16083c8e08f420c17470f0018bc215042aa00b0dfe',
}
