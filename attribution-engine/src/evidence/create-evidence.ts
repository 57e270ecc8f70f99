/** Evidence for answers: which training records shaped one, by how much, and which it repeats word for word. */
import type { ContentStore } from '@openledger/content-store'
import {
  type Evidence,
  OpenLedgerError,
  type RequestTranscript,
  type ResponseTranscript,
  type SignedReceipt,
} from '@openledger/protocol'
import { answerSequence } from '../features/gradient-source.ts'
import type { GradientWorker } from '../features/gradient-worker.ts'
import type { Base } from '../features/trained-model.ts'
import { influenceOf } from '../influence/influence-of.ts'
import { findSpans } from '../spans/find-spans.ts'
import { type AttributedModel, AttributedModels } from './attributed-models.ts'

export type EvidenceMaker = {
  /**
   * Computes and publishes the evidence of an answer. Doing it again gives the same CID on the same machine; from the
   * published answer features on, on every machine.
   * @throws evidence.model_mismatch; influence.*, features.*, content.*
   */
  evidenceFor(answer: AnsweredRequest, adapter: PublishedAdapter): Promise<{ evidence: Evidence; cid: string }>
  /**
   * The answer's gradients, quantised: what `evidence.answerFeatures` names. For whoever checks a sample of answers; equal
   * to the bit on the same kind of processor, nearly so on others.
   * @returns [layers, parameters]
   */
  recomputeAnswerFeatures(
    transcript: Pick<AnsweredRequest, 'request' | 'response'>,
    featuresCid: string,
  ): Promise<Int8Array>
}

export type AnsweredRequest = {
  receipt: Pick<SignedReceipt, 'receiptHash' | 'receipt'>
  request: RequestTranscript
  response: ResponseTranscript
}

/** An adapter and the features that the chain names for it. */
export type PublishedAdapter = { modelId: `0x${string}`; featuresCid: string }

/** @param options.worker opened with `base` */
export function createEvidence(options: CreateEvidence.Options): EvidenceMaker {
  const { contentStore, base, worker } = options
  const models = new AttributedModels(contentStore, base)

  async function recomputeAnswerFeatures(
    { request, response }: Pick<AnsweredRequest, 'request' | 'response'>,
    featuresCid: string,
  ): Promise<Int8Array> {
    return answerFeatures(await models.open(featuresCid), request, response)
  }

  async function answerFeatures(
    { lora, checkpoints, published }: AttributedModel,
    request: RequestTranscript,
    response: ResponseTranscript,
  ): Promise<Int8Array> {
    const { layers, parameters } = published.manifest
    const [prompt, tokens] = fitContext(request.promptTokenIds, response.tokenIds, base.config.maxPositions)
    // An answer that says nothing owes nothing: all scores are zero.
    if (prompt.length === 0 || tokens.length === 0) return new Int8Array(layers.length * parameters)
    return worker.run({ kind: 'answer-features', lora, checkpoints, answer: answerSequence(prompt, tokens) })
  }

  async function evidenceFor({ receipt, request, response }: AnsweredRequest, adapter: PublishedAdapter) {
    const { modelId, featuresCid } = adapter
    const model = await models.open(featuresCid)
    refuseOtherModel(modelId, [model.published.manifest.modelId, request.modelId, receipt.receipt.modelId])
    const features = await answerFeatures(model, request, response)
    const evidence: Evidence = {
      kind: 'openledger/evidence@1',
      receiptHash: receipt.receiptHash,
      modelId,
      features: featuresCid,
      answerFeatures: await contentStore.put(new Uint8Array(features.buffer, features.byteOffset, features.length)),
      influence: influenceOf(model.published.features, features, model.contributors),
      verbatim: findSpans(model.corpus, response.text),
      retrieval: [],
    }
    return { evidence, cid: await contentStore.putJson(evidence) }
  }

  return { evidenceFor, recomputeAnswerFeatures }
}

/** Drops the beginning of a prompt that the training graph has no positions for: the nearest context matters most. */
function fitContext(prompt: readonly number[], answer: readonly number[], positions: number) {
  const tokens = answer.slice(0, positions)
  return [prompt.slice(Math.max(0, prompt.length + tokens.length - positions - 1)), tokens] as const
}

function refuseOtherModel(modelId: string, named: readonly string[]): void {
  const other = named.find((id) => id !== modelId)
  if (other === undefined) return
  throw new OpenLedgerError('evidence.model_mismatch', 'Receipt, request and features do not name the same model.', {
    facts: { modelId, other },
    nextStep: 'Use the features that the chain names for the model of the receipt.',
  })
}

export declare namespace CreateEvidence {
  type Options = { contentStore: ContentStore; base: Base; worker: GradientWorker }
}
