/**
 * A training job whose result is a head. The same stages as for an adapter, and the same result: files and manifests by
 * CID, nothing registered, so a job that is cut off leaves nothing half done.
 *
 *   records → labels → clusters → canonical records → split → features → softmax regression → files and manifests
 */
import { CLUSTER_PARAMETERS } from '@openledger/clusters'
import type { ContentStore } from '@openledger/content-store'
import {
  type ClustersManifest,
  type Digest,
  digestOf,
  digestOfCid,
  type HeadRecipe,
  HeadTrainingManifest,
  MerkleTree,
  type ModelManifest,
} from '@openledger/protocol'
import { chooseRecords, type DatanetVersion } from '../choose-records.ts'
import { TrainingError } from '../error.ts'
import { type Licensed, requireLicences } from '../licence.ts'
import { EXTRACTORS } from './features/extractors.ts'
import { fitHead, type HeadProgress } from './fit-head.ts'
import { headCard } from './head-card.ts'
import { writeFeatures, writeHead } from './head-files.ts'
import { requireHeadRecipe } from './head-recipe.ts'
import { type LabelledRecord, labelRecords, type MediaRecord } from './label-records.ts'

/** @throws {TrainingError}; or what the content store throws */
export async function trainHead(
  request: trainHead.Request,
  onProgress: (progress: trainHead.Progress) => void = () => {},
): Promise<trainHead.Result> {
  const started = performance.now()
  const { base, contentStore, recipe, signal } = request
  requireHeadRecipe(recipe)
  requireLicences([base, ...request.datanets], request.licenceFlags)
  const labelled = new Map(labelRecords(request.records, recipe).map((record) => [record.digest, record]))
  const likeTexts = [...labelled.values()].map((record) => ({ ...record, text: sameness(recipe, record) }))
  const chosen = chooseRecords(likeTexts, request.datanets, recipe.validationShare)
  onProgress({ kind: 'clustered', records: request.records.length, canonical: chosen.records.length })

  const records = chosen.records.map((record) => ({ ...record, label: labelled.get(record.digest)!.label }))
  const task = {
    recipe,
    records: records.map(({ digest, label, split }) => ({ content: labelled.get(digest)!.content, label, split })),
  }
  const head = await fitHead(task, (progress) => {
    requireGoing(signal)
    onProgress(progress)
  })

  const clusters: ClustersManifest = {
    kind: 'openledger/clusters@1',
    datanets: chosen.datanets,
    parameters: { ...CLUSTER_PARAMETERS, sameness: recipe.kind === 'text-head' ? 'text' : 'equal features' },
    clusters: chosen.clusters,
  }
  const training: HeadTrainingManifest = {
    kind: 'openledger/head-training@1',
    base: base.id,
    datanets: chosen.datanets,
    clusters: await contentStore.putJson(clusters),
    recipe,
    extractor: EXTRACTORS[recipe.kind].name,
    classes: head.classes,
    records,
    features: await contentStore.put(writeFeatures(head)),
    metrics: { ...head.metrics, seconds: Math.round((performance.now() - started) / 1000) },
    engine: { node: process.version, platform: `${process.platform}-${process.arch}`, solver: 'newton-cg, float64' },
  }
  const trainingCid = await contentStore.putJson(HeadTrainingManifest.parse(training))
  const { config, weights } = writeHead(recipe.kind, head)
  const card = headCard({ name: request.name, licence: request.licence, manifest: training })
  const files: ModelManifest['files'] = {
    'README.md': await contentStore.put(new TextEncoder().encode(card)),
    'head.json': await contentStore.putJson(config),
    'model.safetensors': await contentStore.put(weights),
  }
  const model: ModelManifest = {
    kind: 'openledger/model@1',
    modelKind: 'head',
    name: request.name,
    base: base.id,
    licence: request.licence,
    files,
    training: trainingCid,
  }
  const artefactDigest = digestOfCid(await contentStore.putJson(model))
  onProgress({ kind: 'stored', artefactDigest })
  const trained = records.filter(({ split }) => split === 'train').map(({ digest }) => digest)
  return {
    modelKind: 'head',
    name: request.name,
    licence: request.licence,
    licenceFlags: request.licenceFlags,
    parents: [{ id: base.id, asOfBlock: 0 }, ...chosen.datanets.map(({ id, asOfBlock }) => ({ id, asOfBlock }))],
    parameters: head.weights.length + head.bias.length,
    artefactDigest,
    trainingRoot: new MerkleTree(trained).root,
    trainingCid,
    training,
    files,
    metrics: training.metrics,
  }
}

export declare namespace trainHead {
  type Request = {
    name: string
    /** SPDX expression of the head. */
    licence: string
    /** DERIVATIVES 1, COMMERCIAL 2, RECIPROCAL 4 of the head. */
    licenceFlags: number
    /** The registered extractor. */
    base: Licensed & { artefactDigest: Digest }
    datanets: readonly (Licensed & DatanetVersion)[]
    /** All records of these Datanets up to these versions; copies are found here. */
    records: readonly MediaRecord[]
    recipe: HeadRecipe
    contentStore: ContentStore
    signal?: AbortSignal
  }
  type Progress =
    | { kind: 'clustered'; records: number; canonical: number }
    | HeadProgress
    | { kind: 'stored'; artefactDigest: Digest }
  type Result = {
    modelKind: 'head'
    name: string
    licence: string
    licenceFlags: number
    /** The extractor, then Datanets by ascending id: as the registry takes them. */
    parents: { id: `0x${string}`; asOfBlock: number }[]
    /** Weights and biases. */
    parameters: number
    /** Of the model manifest: what the registry records. */
    artefactDigest: Digest
    /** Over the digests of the records that were trained on, in the training manifest's order. */
    trainingRoot: `0x${string}`
    trainingCid: string
    training: HeadTrainingManifest
    files: ModelManifest['files']
    metrics: HeadTrainingManifest['metrics']
  }
}

/**
 * What two records must have alike to be copies: texts their words, as everywhere; images and sounds all their features,
 * to three digits, so that the same picture in another file is one.
 */
function sameness({ kind }: HeadRecipe, { content }: LabelledRecord): string {
  if (kind === 'text-head') return new TextDecoder().decode(content)
  const features = EXTRACTORS[kind].extract(content)
  return digestOf(Buffer.from(features.map((value) => Math.round(value * 1000)).join()))
}

function requireGoing(signal: AbortSignal | undefined): void {
  if (signal?.aborted !== true) return
  throw new TrainingError('training.cancelled', 'The training was cancelled.', {
    nextStep: 'Start it again when it is wanted; nothing was registered.',
    retryable: true,
  })
}
