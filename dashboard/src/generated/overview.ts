// Generated from src/operations/overview.graphql by scripts/generate-operations.ts.
import type { Operation } from '../api/operation.ts'

export type OverviewVariables = Record<string, never>

export type OverviewData = {
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
  totals: {
    datanets: number
    contributions: number
    contributors: number
    records: string
    models: number
    answers: string
    settledWei: string
    contributorsWei: string
    paidWei: string
  }
  epochs: {
    nodes: Array<{
      number: number
      root: `0x${string}`
      status: 'Proposed' | 'Challenged' | 'Rejected'
      opensAt: string
      isLive: boolean
      totalWei: string
      leafCount: number
    }>
  }
  answers: {
    nodes: Array<{
      receiptHash: `0x${string}`
      promptTokens: string
      completionTokens: string
      priceWei: string
      timestampMs: string
      prompt: string | null
      text: string | null
      poolWei: string | null
      model: {
        id: `0x${string}`
        name: string
      } | null
      shares: Array<{
        amountWei: string
        contributor: {
          account: `0x${string}`
          name: string
        }
      }>
    }>
  }
  datanets: {
    nodes: Array<{
      id: `0x${string}`
      name: string
      modality: 'Text' | 'Image' | 'Audio' | 'Other'
      recordCount: string
      contributorCount: number
    }>
  }
  contributors: {
    nodes: Array<{
      account: `0x${string}`
      name: string
      recordCount: string
      earnedWei: string
      claimedWei: string
    }>
  }
}

export const overview: Operation<OverviewVariables, OverviewData> = {
  name: 'overview',
  hash: '9e9719104197195c2f9f03d9d7ea86c27a82bbfd9cbf790809f95f1e04adba5e',
}
