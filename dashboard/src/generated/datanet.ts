// Generated from src/operations/datanet.graphql by scripts/generate-operations.ts.
import type { Operation } from '../api/operation.ts'

export type DatanetVariables = {
  id: string
  firstContributions: number
}

export type DatanetData = {
  _meta: {
    block: number
    lagBlocks: number | null
  }
  datanet: {
    id: `0x${string}`
    name: string
    modality: 'Text' | 'Image' | 'Audio' | 'Other'
    licence: string
    licenceFlags: number
    royaltyPpm: number
    owner: `0x${string}`
    isCurated: boolean
    isDisputed: boolean
    version: number
    recordCount: string
    contributorCount: number
    sizeBytes: string
    blockNumber: string
    timestamp: string
    contributions: {
      nodes: Array<{
        id: string
        version: number
        licence: string
        recordCount: string
        sizeBytes: string
        status: 'None' | 'Pending' | 'Accepted' | 'Rejected' | 'Appealed' | 'Refused' | 'Drawn'
        isDisputed: boolean
        isManifestFound: boolean
        manifestFault: string | null
        manifestCid: string
        recordRoot: `0x${string}`
        blockNumber: string
        timestamp: string
        transactionHash: `0x${string}`
        contributor: {
          account: `0x${string}`
          name: string
        }
      }>
    }
  } | null
  models: {
    nodes: Array<{
      id: `0x${string}`
      kind: 'Base' | 'Adapter' | 'Head'
      name: string
      settledWei: string
      contributorsWei: string
      datanets: Array<{
        asOfBlock: string
        version: number
        datanet: {
          id: `0x${string}`
        }
      }>
    }>
  }
}

export const datanet: Operation<DatanetVariables, DatanetData> = {
  name: 'datanet',
  hash: 'f3edff144f08cef8a80abe9894ce4b9331700845c0abc4c88074977c3d5d4560',
}
