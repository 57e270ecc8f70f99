// Generated from src/operations/stakes.graphql by scripts/generate-operations.ts.
import type { Operation } from '../api/operation.ts'

export type StakesVariables = {
  staker: string
}

export type StakesData = {
  _meta: {
    block: number
  }
  stakes: {
    nodes: Array<{
      activeWei: string
      shares: string
      stakedWei: string
      thawedWei: string
      withdrawnWei: string
      pool: {
        id: `0x${string}`
        model: {
          id: `0x${string}`
          name: string
        } | null
        agent: {
          number: string
        } | null
      }
    }>
  }
}

export const stakes: Operation<StakesVariables, StakesData> = {
  name: 'stakes',
  hash: '73e91bab70fe5f74a57ea5cbc08d897140ddae31562ef29a4112b4b14ffd483e',
}
