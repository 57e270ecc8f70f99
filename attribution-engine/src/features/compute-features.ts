/** The features of an adapter's training records, computed once at training time and published by content. */
import type { ContentStore } from '@openledger/content-store'
import { loraParameterCount } from '@openledger/language-model'
import { type Digest, digestOfCid, type FeaturesManifest } from '@openledger/protocol'
import type { GradientWorker } from './gradient-worker.ts'
import { writeScales } from './load-features.ts'
import type { QuantisedLayer } from './quantise.ts'
import { FEATURE_SETTINGS, type FeatureSettings } from './seed-features.ts'
import {
  type Base,
  type Layer,
  layersOf,
  loraOf,
  readCheckpoints,
  readSequences,
  readTraining,
} from './trained-model.ts'

/**
 * Computes and publishes the features manifest of an adapter. Doing it again on the same machine gives the same CID.
 * @throws influence.*, features.*, content.*, and what the readers of PEFT files throw; nothing is published then but
 *   blobs that no manifest names
 */
export async function computeFeatures(input: ComputeFeatures.Input): Promise<ComputeFeatures.Result> {
  const { modelId, training: trainingCid, contentStore, base, workers, settings = FEATURE_SETTINGS } = input
  const training = await readTraining(contentStore, trainingCid)
  const lora = loraOf(training)
  const layers = layersOf(training)
  const { digests, sequences } = await readSequences(contentStore, base, training)

  const bySeed = training.recipe.seeds.map(async (seed, index) => {
    const ofSeed = layers.filter((layer) => layer.seed === seed)
    const cids = ofSeed.map(({ cid }) => cid)
    const checkpoints = await readCheckpoints(contentStore, base, lora, cids)
    const worker = workers[index % workers.length]!
    const quantised = await worker.run({ kind: 'seed-features', lora, checkpoints, sequences, seed, settings })
    input.onSeed?.(seed)
    return Promise.all(ofSeed.map((layer, i) => publishLayer(contentStore, layer, quantised[i]!)))
  })
  const manifest: FeaturesManifest = {
    kind: 'openledger/features@1',
    modelId,
    training: trainingCid,
    parameters: loraParameterCount(base.config, lora),
    records: digests,
    layers: (await Promise.all(bySeed)).flat(),
    method: { name: 'Gauss-Newton by sampled labels, curvature pooled over checkpoints, sign bits', ...settings },
  }
  const featuresCid = await contentStore.putJson(manifest)
  return { featuresCid, featuresDigest: digestOfCid(featuresCid), manifest }
}

async function publishLayer(contentStore: ContentStore, layer: Layer, quantised: QuantisedLayer) {
  return {
    seed: layer.seed,
    checkpoint: layer.checkpoint,
    signs: await contentStore.put(quantised.signs),
    scales: await contentStore.put(writeScales(quantised.scales)),
    scaleExponent: quantised.scaleExponent,
  }
}

export declare namespace ComputeFeatures {
  type Input = {
    modelId: `0x${string}`
    /** CID of the adapter's training manifest. */
    training: string
    contentStore: ContentStore
    /** The base model that the adapter was trained on. */
    base: Base
    /** Threads that share the seeds; at least one. They must have been opened with the same base. */
    workers: readonly GradientWorker[]
    settings?: FeatureSettings
    onSeed?: (seed: number) => void
  }
  type Result = { featuresCid: string; featuresDigest: Digest; manifest: FeaturesManifest }
}
