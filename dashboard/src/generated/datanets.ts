// Generated from src/operations/datanets.graphql by scripts/generate-operations.ts.
import type { Operation } from '../api/operation.ts'

export type DatanetsVariables = {
  first: number
  after?: string | null
  where?: {
    id_in?: readonly (string)[] | null
    owner?: string | null
    modality?: 'Text' | 'Image' | 'Audio' | 'Other' | null
    licence?: string | null
    name?: string | null
    name_contains_nocase?: string | null
    isCurated?: boolean | null
    isDisputed?: boolean | null
    royaltyPpm_lte?: number | null
    recordCount_gte?: string | null
    contributorCount_gte?: number | null
    blockNumber_gte?: string | null
    blockNumber_lte?: string | null
  } | null
  orderBy: 'id' | 'name' | 'blockNumber' | 'version' | 'recordCount' | 'contributorCount' | 'sizeBytes' | 'royaltyPpm'
}

export type DatanetsData = {
  _meta: {
    block: number
    lagBlocks: number | null
  }
  datanets: {
    nodes: Array<{
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
      timestamp: string
    }>
    pageInfo: {
      hasNextPage: boolean
      endCursor: string | null
    }
  }
}

export const datanets: Operation<DatanetsVariables, DatanetsData> = {
  name: 'datanets',
  hash: '1f3ff669eb96ac5c04715296dc4b959df6df48e881f0f1927fea368311c5d4ab',
}
