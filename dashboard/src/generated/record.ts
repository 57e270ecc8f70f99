// Generated from src/operations/record.graphql by scripts/generate-operations.ts.
import type { Operation } from '../api/operation.ts'

export type RecordVariables = {
  digest: string
}

export type RecordData = {
  _meta: {
    block: number
    lagBlocks: number | null
  }
  record: {
    digest: `0x${string}`
    cid: string
    title: string
    text: string | null
    mediaType: string
    sizeBytes: string
    licence: string
    index: number
    withdrawnAt: string | null
    datanet: {
      id: `0x${string}`
      name: string
      licence: string
      licenceFlags: number
    }
    contribution: {
      id: string
      version: number
      recordRoot: `0x${string}`
      recordCount: string
      manifestCid: string
      status: 'None' | 'Pending' | 'Accepted' | 'Rejected' | 'Appealed' | 'Refused' | 'Drawn'
      transactionHash: `0x${string}`
      blockNumber: string
      timestamp: string
    }
    contributor: {
      account: `0x${string}`
      name: string
    }
  } | null
}

export const record: Operation<RecordVariables, RecordData> = {
  name: 'record',
  hash: 'e2792f467864032c9e835d087b02a0caf550b13226f7be617c3a889edba2eaa8',
}
