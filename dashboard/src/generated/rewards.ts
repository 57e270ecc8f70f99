// Generated from src/operations/rewards.graphql by scripts/generate-operations.ts.
import type { Operation } from '../api/operation.ts'

export type RewardsVariables = Record<string, never>

export type RewardsData = {
  _meta: {
    block: number
    timestamp: number | null
    epoch: number
    root: `0x${string}` | null
    lagBlocks: number | null
  }
  totals: {
    settledWei: string
    contributorsWei: string
    paidWei: string
  }
  epochs: {
    nodes: Array<{
      number: number
      root: `0x${string}`
      status: 'Proposed' | 'Challenged' | 'Rejected'
      isLive: boolean
      opensAt: string
      timestamp: string
      toBlock: string
      totalWei: string
      reserveWei: string
      answerCount: number
      leafCount: number
      proposer: `0x${string}`
      manifestCid: string
      transactionHash: `0x${string}`
    }>
  }
  contributors: {
    nodes: Array<{
      account: `0x${string}`
      name: string
      recordCount: string
      earnedWei: string
      claimedWei: string
      claimableWei: string
    }>
  }
}

export const rewards: Operation<RewardsVariables, RewardsData> = {
  name: 'rewards',
  hash: 'bcc482fdf42266720639458e4e89e81beb749da240b38fac22efdc045cd15d78',
}
