// Generated from src/operations/governance.graphql by scripts/generate-operations.ts.
import type { Operation } from '../api/operation.ts'

export type GovernanceVariables = Record<string, never>

export type GovernanceData = {
  _meta: {
    block: number
    timestamp: number | null
  }
  proposals: {
    nodes: Array<{
      number: string
      proposer: `0x${string}`
      description: string
      status: 'Created' | 'Queued' | 'Executed' | 'Canceled'
      isVoting: boolean
      voteStart: string
      voteEnd: string
      etaAt: string | null
      forWei: string
      againstWei: string
      abstainWei: string
      voteCount: number
      transactionHash: `0x${string}`
      calls: Array<{
        index: number
        target: `0x${string}`
        valueWei: string
        data: `0x${string}`
      }>
      votes: {
        nodes: Array<{
          voter: `0x${string}`
          support: 'Against' | 'For' | 'Abstain'
          weightWei: string
          reason: string
        }>
      }
    }>
  }
}

export const governance: Operation<GovernanceVariables, GovernanceData> = {
  name: 'governance',
  hash: '222e835d55fc0f9dcf6521a17e7299a87176e97e29ba9e0db6b3e047eb8edb67',
}
