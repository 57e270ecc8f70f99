// Generated from src/operations/contributor.graphql by scripts/generate-operations.ts.
import type { Operation } from '../api/operation.ts'

export type ContributorVariables = {
  account: string
}

export type ContributorData = {
  _meta: {
    block: number
    lagBlocks: number | null
  }
  contributor: {
    account: `0x${string}`
    name: string
    contributionCount: number
    recordCount: string
    earnedWei: string
    claimedWei: string
    claimableWei: string
    recipient: `0x${string}` | null
    balanceWei: string
    claims: Array<{
      amountWei: string
      to: `0x${string}`
      blockNumber: string
      timestamp: string
      transactionHash: `0x${string}`
    }>
    contributions: {
      nodes: Array<{
        id: string
        version: number
        recordCount: string
        licence: string
        status: 'None' | 'Pending' | 'Accepted' | 'Rejected' | 'Appealed' | 'Refused' | 'Drawn'
        blockNumber: string
        timestamp: string
        datanet: {
          id: `0x${string}`
          name: string
        }
      }>
    }
  }
}

export const contributor: Operation<ContributorVariables, ContributorData> = {
  name: 'contributor',
  hash: '84a051e0e2a279d726ddc10a2a85123f3ee340e40b6a33b0130e37568e339d3d',
}
