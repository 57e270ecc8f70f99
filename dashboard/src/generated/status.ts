// Generated from src/operations/status.graphql by scripts/generate-operations.ts.
import type { Operation } from '../api/operation.ts'

export type StatusVariables = Record<string, never>

export type StatusData = {
  _meta: {
    block: number
    timestamp: number | null
    epoch: number
    root: `0x${string}` | null
    lagBlocks: number | null
    hasIndexingErrors: boolean
    missing: Array<{
      source: string
      code: string
      hint: string
    }>
  }
}

export const status: Operation<StatusVariables, StatusData> = {
  name: 'status',
  hash: 'ab628a4db6a98d43f3299800bb78d001e7bd96bf433a95f070534b235643dd95',
}
