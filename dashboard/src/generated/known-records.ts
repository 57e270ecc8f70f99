// Generated from src/operations/known-records.graphql by scripts/generate-operations.ts.
import type { Operation } from '../api/operation.ts'

export type KnownRecordsVariables = {
  digests: readonly (string)[]
}

export type KnownRecordsData = {
  _meta: {
    block: number
  }
  records: {
    nodes: Array<{
      digest: `0x${string}`
      title: string
      datanet: {
        id: `0x${string}`
        name: string
      }
    }>
  }
}

export const knownRecords: Operation<KnownRecordsVariables, KnownRecordsData> = {
  name: 'known-records',
  hash: '86563d6815c9041f5b33da14673a80e9912361f5cce501a76d788861b45957ce',
}
