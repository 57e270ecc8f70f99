// Generated from src/operations/evidence-matrix.graphql by scripts/generate-operations.ts.
import type { Operation } from '../api/operation.ts'

export type EvidenceMatrixVariables = Record<string, never>

export type EvidenceMatrixData = {
  _meta: {
    block: number
  }
  answers: {
    nodes: Array<{
      receiptHash: `0x${string}`
      prompt: string | null
      poolWei: string | null
      priceWei: string
      model: {
        id: `0x${string}`
        name: string
      } | null
      evidence: {
        influence: Array<{
          mean: string
          standardError: string
          sharePpm: number
          record: {
            digest: `0x${string}`
            title: string
          } | null
          contributor: {
            account: `0x${string}`
            name: string
          }
        }>
        verbatim: Array<{
          documents: Array<{
            record: {
              digest: `0x${string}`
            } | null
          }>
        }>
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
}

export const evidenceMatrix: Operation<EvidenceMatrixVariables, EvidenceMatrixData> = {
  name: 'evidence-matrix',
  hash: 'd853b3dbd9c086c285d42506eb689f6235ec359de868442e5bc8337fef9a6c32',
}
