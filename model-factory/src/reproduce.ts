/** Trains a published model again from nothing but its manifests and records, and says whether the same bytes come out. */
import { availableParallelism } from 'node:os'
import { type ContentStore, hashContent } from '@openledger/content-store'
import { recordExample, writePeftWeights } from '@openledger/language-model'
import {
  cidOfDigest,
  type Digest,
  HeadTrainingManifest,
  ModelManifest,
  parseManifest,
  TrainingManifest,
} from '@openledger/protocol'
import { fetchBaseModel } from './base-model.ts'
import { TrainingError } from './error.ts'
import { fitHead } from './heads/fit-head.ts'
import { writeFeatures, writeHead } from './heads/head-files.ts'
import { labelRecords } from './heads/label-records.ts'
import { loraOf, requireRecipe } from './recipe.ts'
import { trainSeedInProcess } from './seed-process.ts'
import type { SeedProgress } from './train-seed.ts'

export type Reproduction = {
  /** Each file that training made: what the manifest names, and what came out now. */
  files: { name: string; published: string; again: string }[]
  isSame: boolean
  /** What the published run computed with, and this one. Other bits are to be expected where they differ. */
  engine: { published: Record<string, string>; here: Record<string, string> }
}

/**
 * @param baseDigest of the manifest of the base that the model names: the chain knows it
 * @throws {TrainingError} `training.not_reproducible` for a model without a training manifest; or what training throws
 */
export async function reproduce(
  contentStore: Pick<ContentStore, 'get'>,
  artefactDigest: Digest,
  baseDigest: Digest,
  onProgress: (progress: SeedProgress) => void = () => {},
): Promise<Reproduction> {
  const model = parseManifest(ModelManifest, await contentStore.get(cidOfDigest(artefactDigest)), 'model manifest')
  if (model.training === null) {
    throw new TrainingError('training.not_reproducible', 'This model has no training manifest.', {
      facts: { model: model.name, modelKind: model.modelKind },
      nextStep: 'Only what was trained on Datanets can be trained again.',
    })
  }
  const bytes = await contentStore.get(model.training)
  const { files, published } =
    model.modelKind === 'head'
      ? await headAgain(contentStore, model, parseManifest(HeadTrainingManifest, bytes, 'training manifest'))
      : await adapterAgain(
          contentStore,
          baseDigest,
          parseManifest(TrainingManifest, bytes, 'training manifest'),
          onProgress,
        )
  const here = { node: process.version, platform: `${process.platform}-${process.arch}` }
  return { files, isSame: files.every((file) => file.published === file.again), engine: { published, here } }
}

async function adapterAgain(
  contentStore: Pick<ContentStore, 'get'>,
  baseDigest: Digest,
  training: TrainingManifest,
  onProgress: (progress: SeedProgress) => void,
) {
  const { checkpoints, recipe, records } = training
  const base = await fetchBaseModel(contentStore as ContentStore, baseDigest)
  requireRecipe(recipe, base.config)
  const examplesOf = (split: string) =>
    Promise.all(
      records.flatMap((record) => {
        if (record.split !== split) return []
        const read = contentStore.get(cidOfDigest(record.digest))
        return [read.then((bytes) => recordExample(base.tokenizer, new TextDecoder().decode(bytes), recipe))]
      }),
    )
  const [trained, validation] = [await examplesOf('train'), await examplesOf('validation')]
  const model = { config: base.config, weights: base.weights }
  const files: Reproduction['files'] = []
  const seeds = [...recipe.seeds]
  const work = async () => {
    for (let seed = seeds.shift(); seed !== undefined; seed = seeds.shift()) {
      const task = { base: model, recipe, seed, training: trained, validation }
      const again = await trainSeedInProcess(task, onProgress)
      for (const { name, weights } of again.checkpoints) {
        const published = checkpoints.find((one) => one.seed === seed && one.name === name)?.cid ?? 'none'
        const file = writePeftWeights(base.config, loraOf(recipe), weights)
        files.push({ name: `seed ${seed}, ${name}`, published, again: hashContent(file) })
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(seeds.length, availableParallelism()) }, work))
  return { files: files.sort((a, b) => (a.name < b.name ? -1 : 1)), published: training.engine }
}

async function headAgain(
  contentStore: Pick<ContentStore, 'get'>,
  model: ModelManifest,
  training: HeadTrainingManifest,
) {
  const { recipe } = training
  const records = await Promise.all(
    training.records.map(async ({ digest, contributionId, contributor, label, split }, order) => {
      const bytes = await contentStore.get(cidOfDigest(digest))
      const record = { digest, bytes, title: `${label}/`, contributionId, contributor, order }
      return { ...labelRecords([record], recipe)[0]!, split }
    }),
  )
  const head = await fitHead({ recipe, records })
  const again = (name: string, published: string, file: Uint8Array) => ({ name, published, again: hashContent(file) })
  const files = [
    again('model.safetensors', model.files['model.safetensors'] ?? 'none', writeHead(recipe.kind, head).weights),
    again('features', training.features, writeFeatures(head)),
  ]
  return { files, published: training.engine }
}
