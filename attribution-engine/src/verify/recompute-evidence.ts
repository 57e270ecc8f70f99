import type { ContentStore } from '@openledger/content-store'
import {
  canonicalJson,
  cidOf,
  cidOfDigest,
  Evidence,
  type InfluenceEvidence,
  type PaidAnswer,
  parseManifest,
  type TrainingManifest,
} from '@openledger/protocol'
import type { PayableAnswer } from '../epochs/read-answers.ts'
import type { PublishedFeatures } from '../features/load-features.ts'
import { readAnswerFeatures } from '../influence/answer-features.ts'
import { contributorsOf, influenceOf } from '../influence/influence-of.ts'
import type { Findings } from './findings.ts'

/** What a model's features rest on, once checked. */
export type CheckedModel = { published: PublishedFeatures; training: TrainingManifest }

/**
 * An answer's published evidence with its influence computed anew, to the last bit, from the answer's own gradient and the
 * features that the chain names. Every difference is reported; what comes back is what it should have been.
 */
export async function recomputeEvidence(
  paid: PaidAnswer,
  answer: PayableAnswer,
  model: CheckedModel,
  content: Pick<ContentStore, 'get'>,
  { report }: Findings.Open,
): Promise<Evidence> {
  const stated = parseManifest(Evidence, await content.get(paid.evidence), 'evidence')
  const { receiptHash, modelId } = answer
  const features = cidOfDigest(answer.features)
  if (stated.receiptHash !== receiptHash || stated.modelId !== modelId || stated.features !== features) {
    report('verify.evidence_differs', 'The evidence is about another answer, model or features.', {
      receiptHash,
      evidence: paid.evidence,
    })
  }
  const { manifest, features: rows } = model.published
  const bytes = await content.get(stated.answerFeatures)
  const gradient = readAnswerFeatures(bytes, manifest.layers.length, manifest.parameters)
  const influence = influenceOf(rows, gradient, contributorsOf(model.training))
  const at = influence.findIndex((computed, index) => !isSame(computed, stated.influence[index]))
  if (at !== -1 || influence.length !== stated.influence.length) {
    const place = at === -1 ? influence.length : at
    report('verify.score_differs', 'A score of the evidence is not what its gradients give.', {
      receiptHash,
      place,
      stated: describe(stated.influence[place]),
      computed: describe(influence[place]),
    })
  }
  return { ...stated, receiptHash, modelId, features, influence }
}

function isSame(a: InfluenceEvidence, b: InfluenceEvidence | undefined): boolean {
  return b !== undefined && cidOf(canonicalJson(a)) === cidOf(canonicalJson(b))
}

function describe(influence: InfluenceEvidence | undefined): string | null {
  if (influence === undefined) return null
  const { canonical, contributor, scores, utility } = influence
  return `${canonical} of ${contributor}: scores ${scores.join(', ')}, utility ${utility}`
}
