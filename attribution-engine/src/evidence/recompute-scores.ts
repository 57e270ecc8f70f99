import type { ContentStore } from '@openledger/content-store'
import { type Evidence, type InfluenceEvidence, OpenLedgerError } from '@openledger/protocol'
import { loadFeatures } from '../features/load-features.ts'
import { readTraining } from '../features/trained-model.ts'
import { readAnswerFeatures } from '../influence/answer-features.ts'
import { contributorsOf, influenceOf } from '../influence/influence-of.ts'

/**
 * What the influence in an evidence must be, from published content alone and in integers: it is right when it equals
 * `evidence.influence` member for member.
 * @param featuresCid that the chain names for the model; the evidence must name the same
 * @throws evidence.other_features; features.*, influence.*, content.*
 */
export async function recomputeScores(
  evidence: Evidence,
  featuresCid: string,
  contentStore: Pick<ContentStore, 'get'>,
): Promise<InfluenceEvidence[]> {
  const { manifest, features } = await loadFeatures(contentStore, featuresCid)
  if (evidence.features !== featuresCid || manifest.modelId !== evidence.modelId) {
    throw new OpenLedgerError('evidence.other_features', 'The evidence rests on other features than the chain names.', {
      facts: { stated: evidence.features, onChain: featuresCid, modelId: evidence.modelId },
      nextStep: 'Dispute the epoch: scores count only with the features that were published before.',
    })
  }
  const bytes = await contentStore.get(evidence.answerFeatures)
  const answer = readAnswerFeatures(bytes, manifest.layers.length, manifest.parameters)
  return influenceOf(features, answer, contributorsOf(await readTraining(contentStore, manifest.training)))
}
