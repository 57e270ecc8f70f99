// Generated from src/operations/answer.graphql by scripts/generate-operations.ts.
import type { Operation } from '../api/operation.ts'

export type AnswerVariables = {
  receiptHash: string
  first: number
}

export type AnswerData = {
  _meta: {
    block: number
    lagBlocks: number | null
  }
  answer: {
    receiptHash: `0x${string}`
    model: {
      id: `0x${string}`
      name: string
      licence: string
    } | null
    node: `0x${string}`
    payer: `0x${string}` | null
    promptTokens: string
    completionTokens: string
    priceWei: string
    poolWei: string | null
    timestampMs: string
    prompt: string | null
    text: string | null
    settlementTransaction: `0x${string}`
    blockNumber: string
    epoch: {
      number: number
      root: `0x${string}`
      status: 'Proposed' | 'Challenged' | 'Rejected'
      isLive: boolean
      opensAt: string
    } | null
    evidence: {
      cid: string
      influenceCount: number
      influence: Array<{
        canonical: `0x${string}`
        sharePpm: number
        mean: string
        standardError: string
        scores: string[]
        record: {
          digest: `0x${string}`
          cid: string
          title: string
          text: string | null
          mediaType: string
          licence: string
          datanet: {
            id: `0x${string}`
            name: string
          }
          contribution: {
            id: string
            recordRoot: `0x${string}`
            transactionHash: `0x${string}`
          }
        } | null
        contributor: {
          account: `0x${string}`
          name: string
        }
      }>
      verbatim: Array<{
        start: number
        end: number
        text: string
        surprisalMillibits: number
        documents: Array<{
          start: number
          end: number
          record: {
            digest: `0x${string}`
            cid: string
            title: string
            text: string | null
            licence: string
            contributor: {
              account: `0x${string}`
              name: string
            }
          } | null
        }>
      }>
      retrieval: Array<{
        digest: `0x${string}`
        title: string
        text: string | null
        contributor: {
          account: `0x${string}`
          name: string
        }
      }>
    } | null
    shares: Array<{
      amountWei: string
      record: {
        digest: `0x${string}`
      } | null
    }>
  } | null
}

export const answer: Operation<AnswerVariables, AnswerData> = {
  name: 'answer',
  hash: 'd45b35e26452f6952716e3374020685ef75c7e5ee5ff1c762b7f213e8491cb82',
}
