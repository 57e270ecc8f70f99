import type { ContentStore } from '@openledger/content-store'
import { cidOfDigest, type EpochManifest, type Evidence } from '@openledger/protocol'
import type { ChainEvent } from '../chain/read-events.ts'
import type { PayableAnswer } from '../epochs/read-answers.ts'
import { loadFeatures } from '../features/load-features.ts'
import { checkTraining } from './check-training.ts'
import type { Findings } from './findings.ts'
import { type CheckedModel, recomputeEvidence } from './recompute-evidence.ts'

/** Receipt hash → evidence as it should be. */
export type RecomputedEvidence = ReadonlyMap<string, Evidence>

/** Loads the features of every model that answered, and checks what they rest on. */
export async function checkModels(
  answers: readonly PayableAnswer[],
  events: readonly ChainEvent[],
  content: Pick<ContentStore, 'get'>,
  findings: Findings,
): Promise<ReadonlyMap<string, CheckedModel>> {
  const models = new Map<string, CheckedModel>()
  const digests = new Map(answers.map(({ modelId, features }) => [modelId, features]))
  await findings.check(
    'features are of the records that were trained on, credited to their contributors',
    async (open) => {
      for (const [modelId, digest] of digests) {
        const published = await loadFeatures(content, cidOfDigest(digest))
        if (published.manifest.modelId !== modelId) {
          open.report('verify.features_differ', 'The features published for a model are of another one.', {
            modelId,
            ofFeatures: published.manifest.modelId,
          })
        }
        models.set(modelId, { published, training: await checkTraining(published, events, content, open) })
      }
      open.facts.models = models.size
      open.facts.records = [...models.values()].reduce(
        (sum, { published }) => sum + published.manifest.records.length,
        0,
      )
    },
  )
  return models
}

/** Computes every answer's influence anew; answers whose evidence or model cannot be had are left out. */
export async function checkEvidence(
  manifest: EpochManifest,
  answers: readonly PayableAnswer[],
  models: ReadonlyMap<string, CheckedModel>,
  content: Pick<ContentStore, 'get'>,
  findings: Findings,
): Promise<RecomputedEvidence> {
  const published = new Map(manifest.answers.map((answer) => [answer.receiptHash as string, answer]))
  const recomputed = new Map<string, Evidence>()
  await findings.check('scores follow from the published gradients', async (open) => {
    for (const answer of answers) {
      const paid = published.get(answer.receiptHash)
      const model = models.get(answer.modelId)
      if (paid === undefined || model === undefined) continue // reported where it was found
      recomputed.set(answer.receiptHash, await recomputeEvidence(paid, answer, model, content, open))
    }
    open.facts.answers = recomputed.size
    open.facts.scores = [...recomputed.values()].reduce((sum, { influence }) => sum + influence.length, 0)
  })
  return recomputed
}
