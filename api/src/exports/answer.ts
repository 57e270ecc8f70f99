import type { AnswerFacts } from '@openledger/standards'
import { parse } from 'graphql'
import { missingThing } from './missing-thing.ts'
import type { ExportReader } from './reader.ts'

const ANSWER = parse(/* GraphQL */ `
  fragment source on Record {
    digest title licence
    contributor { account name }
  }
  query ($receiptHash: Bytes32!) {
    _meta { block }
    answer(receiptHash: $receiptHash) {
      receiptHash node payer timestampMs promptTokens completionTokens priceWei requestCid responseCid engineHash
      settlementTransaction
      model { id name base { id name } datanets { version datanet { id name } } }
      epoch { number root manifestCid }
      evidence {
        cid featuresCid influenceCount
        influence(first: 100) { mean standardError sharePpm record { ...source } }
        verbatim(first: 100) { start end text documents { start end record { ...source } } }
        retrieval(first: 100) { ...source }
      }
    }
  }
`)

/** An answer with the strongest hundred of each kind of evidence. @throws export.unknown */
export async function readAnswer(reader: ExportReader, receiptHash: string): Promise<AnswerFacts> {
  const { answer } = await reader.read<{ answer: AnswerFacts | null }>(ANSWER, { receiptHash })
  if (answer === null) throw missingThing('answer', receiptHash)
  const { model } = answer
  return model?.base?.id === model?.id && model !== null ? { ...answer, model: { ...model, base: null } } : answer
}
