// Generated from src/operations/records.graphql by scripts/generate-operations.ts.
import type { Operation } from '../api/operation.ts'

export type RecordsVariables = {
  datanet: string
  first: number
  after?: string | null
}

export type RecordsData = {
  _meta: {
    block: number
  }
  datanet: {
    id: `0x${string}`
    records: {
      nodes: Array<{
        digest: `0x${string}`
        cid: string
        title: string
        mediaType: string
        sizeBytes: string
        licence: string
        contributor: {
          account: `0x${string}`
          name: string
        }
      }>
      pageInfo: {
        hasNextPage: boolean
        endCursor: string | null
      }
    }
  } | null
}

export const records: Operation<RecordsVariables, RecordsData> = {
  name: 'records',
  hash: '5ad43b17c9d0f8247720b0b3121806ae88a9f5f2fe02a6e3cd52ede118ce9e6b',
}
