// Generated from src/operations/model.graphql by scripts/generate-operations.ts.
import type { Operation } from '../api/operation.ts'

export type ModelVariables = {
  id: string
}

export type ModelData = {
  _meta: {
    block: number
    lagBlocks: number | null
  }
  model: {
    __typename: 'BaseModel'
    id: `0x${string}`
    kind: 'Base' | 'Adapter' | 'Head'
    name: string
    owner: `0x${string}`
    licence: string
    royaltyPpm: number
    artefactCid: string
    trainingRoot: `0x${string}`
    featuresCid: string | null
    isDisputed: boolean
    settledWei: string
    contributorsWei: string
    stakersWei: string
    blockNumber: string
    timestamp: string
    base: {
      id: `0x${string}`
      name: string
    }
    datanets: Array<{
      version: number
      asOfBlock: string
      datanet: {
        id: `0x${string}`
        name: string
        licence: string
        licenceFlags: number
        recordCount: string
        contributorCount: number
      }
    }>
    evaluations: {
      nodes: Array<{
        id: `0x${string}`
        metric: string
        valueE6: string
        isFlagged: boolean
        challengeCount: number
        reportCid: string
        evaluator: `0x${string}`
        blockNumber: string
      }>
    }
  } | {
    __typename: 'Head'
    id: `0x${string}`
    kind: 'Base' | 'Adapter' | 'Head'
    name: string
    owner: `0x${string}`
    licence: string
    royaltyPpm: number
    artefactCid: string
    trainingRoot: `0x${string}`
    featuresCid: string | null
    isDisputed: boolean
    settledWei: string
    contributorsWei: string
    stakersWei: string
    blockNumber: string
    timestamp: string
    base: {
      id: `0x${string}`
      name: string
    }
    datanets: Array<{
      version: number
      asOfBlock: string
      datanet: {
        id: `0x${string}`
        name: string
        licence: string
        licenceFlags: number
        recordCount: string
        contributorCount: number
      }
    }>
    evaluations: {
      nodes: Array<{
        id: `0x${string}`
        metric: string
        valueE6: string
        isFlagged: boolean
        challengeCount: number
        reportCid: string
        evaluator: `0x${string}`
        blockNumber: string
      }>
    }
  } | {
    __typename: 'Adapter'
    id: `0x${string}`
    kind: 'Base' | 'Adapter' | 'Head'
    name: string
    owner: `0x${string}`
    licence: string
    royaltyPpm: number
    artefactCid: string
    trainingRoot: `0x${string}`
    featuresCid: string | null
    isDisputed: boolean
    settledWei: string
    contributorsWei: string
    stakersWei: string
    blockNumber: string
    timestamp: string
    base: {
      id: `0x${string}`
      name: string
    }
    datanets: Array<{
      version: number
      asOfBlock: string
      datanet: {
        id: `0x${string}`
        name: string
        licence: string
        licenceFlags: number
        recordCount: string
        contributorCount: number
      }
    }>
    evaluations: {
      nodes: Array<{
        id: `0x${string}`
        metric: string
        valueE6: string
        isFlagged: boolean
        challengeCount: number
        reportCid: string
        evaluator: `0x${string}`
        blockNumber: string
      }>
    }
    training: {
      cid: string
      rank: number
      epochs: number
      recordCount: number
      trainTokens: number
      seconds: number
      lossBefore: number
      lossAfter: number
    } | null
  } | null
  models: {
    nodes: Array<{
      id: `0x${string}`
      kind: 'Base' | 'Adapter' | 'Head'
      name: string
      base: {
        id: `0x${string}`
      }
    }>
  }
  answers: {
    nodes: Array<{
      receiptHash: `0x${string}`
      prompt: string | null
      text: string | null
      priceWei: string
      timestampMs: string
    }>
  }
}

export const model: Operation<ModelVariables, ModelData> = {
  name: 'model',
  hash: 'f40af7ceedaf47d179c9099900573304cf80fb30cb69bc41e70ae702730a54e8',
}
