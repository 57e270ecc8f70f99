// Generated from src/operations/claimable.graphql by scripts/generate-operations.ts.
import type { Operation } from '../api/operation.ts'

export type ClaimableVariables = {
  account: string
}

export type ClaimableData = {
  _meta: {
    block: number
  }
  contributor: {
    account: `0x${string}`
    name: string
    earnedWei: string
    claimedWei: string
    claimableWei: string
  }
}

export const claimable: Operation<ClaimableVariables, ClaimableData> = {
  name: 'claimable',
  hash: '36a4889de6aafb737736f56e0150bb14faf60929e66bd8fa5e377ebabecb536f',
}
