// Generated from src/operations/staking.graphql by scripts/generate-operations.ts.
import type { Operation } from '../api/operation.ts'

export type StakingVariables = Record<string, never>

export type StakingData = {
  _meta: {
    block: number
    timestamp: number | null
  }
  stakePools: {
    nodes: Array<{
      id: `0x${string}`
      activeWei: string
      thawingWei: string
      rewardedWei: string
      slashedWei: string
      commissionPpm: number
      model: {
        id: `0x${string}`
        name: string
      } | null
      agent: {
        number: string
        operator: `0x${string}`
      } | null
    }>
  }
  agents: {
    nodes: Array<{
      number: string
      owner: `0x${string}`
      operator: `0x${string}`
      uri: string
      isListedAuditor: boolean
      blockNumber: string
    }>
  }
  disputes: {
    nodes: Array<{
      number: string
      status: 'Open' | 'Answered' | 'Upheld' | 'Dismissed' | 'Drawn'
      challenger: `0x${string}`
      atStakeWei: string
      bondWei: string
      slashedWei: string
      answerUntil: string
      rulingUntil: string
      claimCid: string
    }>
  }
}

export const staking: Operation<StakingVariables, StakingData> = {
  name: 'staking',
  hash: 'ebc3f8ef7925d90e49062738fbca43315d4062e87c1684b3165fbee8a990a884',
}
