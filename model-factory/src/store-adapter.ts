/** Puts a trained adapter into the content store: checkpoints, manifests, PEFT files, card. */
import { CLUSTER_PARAMETERS } from '@openledger/clusters'
import type { ContentStore } from '@openledger/content-store'
import {
  type AdapterWeights,
  type BaseModel,
  loraParameterCount,
  toPeftConfig,
  writePeftWeights,
} from '@openledger/language-model'
import {
  type ClustersManifest,
  type Digest,
  digestOfCid,
  MerkleTree,
  type ModelManifest,
  type TrainingManifest,
} from '@openledger/protocol'
import { adapterCard } from './adapter-card.ts'
import type { TrainingRecords } from './choose-records.ts'
import { describeEngine } from './engine.ts'
import { loraOf, type Recipe } from './recipe.ts'
import type { SeedResult } from './train-seed.ts'

export type TrainedAdapter = {
  name: string
  licence: string
  baseId: `0x${string}`
  base: BaseModel
  recipe: Recipe
  chosen: TrainingRecords
  /** In the order of the recipe's seeds; the first is served. */
  seeds: SeedResult[]
  metrics: TrainingManifest['metrics']
  cutRecords: number
}

export type StoredAdapter = {
  /** Of the model manifest: what the registry records. */
  artefactDigest: Digest
  /** Over the digests of the records that were trained on, in the training manifest's order. */
  trainingRoot: `0x${string}`
  trainingCid: string
  training: TrainingManifest
  files: ModelManifest['files']
}

export async function storeAdapter(contentStore: ContentStore, adapter: TrainedAdapter): Promise<StoredAdapter> {
  const { base, chosen, metrics, recipe, seeds } = adapter
  const lora = loraOf(recipe)
  // F32: attribution must compute its gradients at the very parameters that were trained.
  const store = (weights: AdapterWeights) => contentStore.put(writePeftWeights(base.config, lora, weights))
  const checkpoints: TrainingManifest['checkpoints'] = []
  for (const { seed, checkpoints: ofSeed } of seeds) {
    for (const { name, weights } of ofSeed) checkpoints.push({ seed, name, cid: await store(weights) })
  }
  const clusters: ClustersManifest = {
    kind: 'openledger/clusters@1',
    datanets: chosen.datanets,
    parameters: CLUSTER_PARAMETERS,
    clusters: chosen.clusters,
  }
  const training: TrainingManifest = {
    kind: 'openledger/training@1',
    base: adapter.baseId,
    datanets: chosen.datanets,
    clusters: await contentStore.putJson(clusters),
    recipe,
    records: chosen.records,
    checkpoints,
    metrics,
    engine: describeEngine(base, lora),
  }
  const trainingCid = await contentStore.putJson(training)

  const card = adapterCard({
    name: adapter.name,
    licence: adapter.licence,
    parameters: loraParameterCount(base.config, lora),
    manifest: training,
    cutRecords: adapter.cutRecords,
  })
  const files: ModelManifest['files'] = {
    'README.md': await contentStore.put(new TextEncoder().encode(card)),
    'adapter_config.json': await contentStore.putJson(toPeftConfig(lora, `openledger/${adapter.baseId}`)),
    'adapter_model.safetensors': await store(seeds[0]!.checkpoints.at(-1)!.weights),
  }
  const model: ModelManifest = {
    kind: 'openledger/model@1',
    modelKind: 'adapter',
    name: adapter.name,
    base: adapter.baseId,
    licence: adapter.licence,
    files,
    training: trainingCid,
  }
  const trained = chosen.records.filter(({ split }) => split === 'train').map(({ digest }) => digest)
  return {
    artefactDigest: digestOfCid(await contentStore.putJson(model)),
    trainingRoot: new MerkleTree(trained).root,
    trainingCid,
    training,
    files,
  }
}
