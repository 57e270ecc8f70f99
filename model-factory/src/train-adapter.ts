/**
 * A training job: from a base model and contributed records to an adapter whose every training record is known.
 *
 *   records → clusters → canonical records → split → seeds, each in its process → files and manifests, by CID
 *
 * All of it is content-addressed and nothing is registered here, so a job that is cut off leaves nothing half done.
 */
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import type { ClusterRecord } from '@openledger/clusters'
import type { ContentStore } from '@openledger/content-store'
import { loraParameterCount, RUNTIME, recordExample, type Tokenizer } from '@openledger/language-model'
import { canonicalJson, type Digest, digestOf, type TrainingManifest } from '@openledger/protocol'
import { fetchBaseModel } from './base-model.ts'
import { predictedTokens } from './batches.ts'
import { chooseRecords, type DatanetVersion, type TrainingRecords } from './choose-records.ts'
import { type Licensed, requireLicences } from './licence.ts'
import { DEFAULT_RECIPE, loraOf, type Recipe, requireRecipe } from './recipe.ts'
import { trainSeedInProcess } from './seed-process.ts'
import { type StoredAdapter, storeAdapter } from './store-adapter.ts'
import type { SeedProgress, SeedResult, SeedTask } from './train-seed.ts'

/**
 * Trains an adapter once for each seed of the recipe and stores it with all that attribution needs.
 *
 * @throws {TrainingError}; or what the content store and the readers of the base's files throw
 */
export async function trainAdapter(
  request: trainAdapter.Request,
  onProgress: (progress: trainAdapter.Progress) => void = () => {},
): Promise<trainAdapter.Result> {
  const started = performance.now()
  const { contentStore, recipe = DEFAULT_RECIPE } = request
  requireLicences([request.base, ...request.datanets], request.licenceFlags)
  const base = await fetchBaseModel(contentStore, request.base.artefactDigest)
  requireRecipe(recipe, base.config)
  const chosen = chooseRecords(request.records, request.datanets, recipe.validationShare)
  onProgress({ kind: 'clustered', records: request.records.length, canonical: chosen.records.length })

  const sequences = tokenise(base.tokenizer, chosen, recipe)
  onProgress({ kind: 'tokenised', trainTokens: predictedTokens(sequences.training), cutRecords: sequences.cutRecords })
  const run = { base: request.base.artefactDigest, records: chosen.records.map(({ digest, split }) => [digest, split]) }
  const tasks = recipe.seeds.map((seed): SeedTask => {
    const { checkpoints, maxBytes } = request
    const key = digestOf(canonicalJson({ ...run, recipe, seed, runtime: RUNTIME }))
    const file = join(checkpoints?.folder ?? '', `seed-${seed}.safetensors`)
    return {
      base: { config: base.config, weights: base.weights },
      recipe,
      seed,
      training: sequences.training,
      validation: sequences.validation,
      ...(checkpoints && { saving: { file, key, everyMs: checkpoints.everyMs } }),
      ...(maxBytes !== undefined && { maxBytes }),
    }
  })
  const seeds = await trainSeeds(tasks, onProgress, request.signal)

  const served = seeds[0]!.checkpoints
  const metrics: TrainingManifest['metrics'] = {
    lossBefore: served[0]!.validationLoss,
    lossAfter: served.at(-1)!.validationLoss,
    trainTokens: predictedTokens(sequences.training) * recipe.epochs,
    seconds: Math.round((performance.now() - started) / 1000),
  }
  const stored = await storeAdapter(contentStore, {
    name: request.name,
    licence: request.licence,
    baseId: request.base.id,
    base,
    recipe,
    chosen,
    seeds,
    metrics,
    cutRecords: sequences.cutRecords,
  })
  onProgress({ kind: 'stored', artefactDigest: stored.artefactDigest })
  return {
    ...stored,
    name: request.name,
    licence: request.licence,
    licenceFlags: request.licenceFlags,
    parents: [
      { id: request.base.id, asOfBlock: 0 },
      ...chosen.datanets.map(({ id, asOfBlock }) => ({ id, asOfBlock })),
    ],
    parameters: loraParameterCount(base.config, loraOf(recipe)),
    metrics,
  }
}

export declare namespace trainAdapter {
  type Request = {
    name: string
    /** SPDX expression of the adapter. */
    licence: string
    /** DERIVATIVES 1, COMMERCIAL 2, RECIPROCAL 4 of the adapter. */
    licenceFlags: number
    base: Licensed & { artefactDigest: Digest }
    datanets: readonly (Licensed & DatanetVersion)[]
    /** All records of these Datanets up to these versions; copies and near copies are found here. */
    records: readonly ClusterRecord[]
    recipe?: Recipe
    contentStore: ContentStore
    /** Where runs are saved, so that the same request goes on from there after it was cut off; nowhere when left out. */
    checkpoints?: { folder: string; everyMs: number }
    /** Resident bytes that each seed's process may take; no limit when left out. */
    maxBytes?: number
    signal?: AbortSignal
  }
  type Progress =
    | { kind: 'clustered'; records: number; canonical: number }
    | { kind: 'tokenised'; trainTokens: number; cutRecords: number }
    | SeedProgress
    | { kind: 'stored'; artefactDigest: Digest }
  type Result = StoredAdapter & {
    name: string
    licence: string
    licenceFlags: number
    /** The base, then Datanets by ascending id: as the registry takes them. */
    parents: { id: `0x${string}`; asOfBlock: number }[]
    /** P */
    parameters: number
    metrics: TrainingManifest['metrics']
  }
}

type Sequences = Pick<SeedTask, 'training' | 'validation'> & { cutRecords: number }

function tokenise(tokenizer: Tokenizer, { records, textOf }: TrainingRecords, recipe: Recipe): Sequences {
  const sequences: Sequences = { training: [], validation: [], cutRecords: 0 }
  for (const { digest, split } of records) {
    const example = recordExample(tokenizer, textOf.get(digest)!, recipe)
    if (example.tokens.at(-1) !== tokenizer.eosId) sequences.cutRecords++
    sequences[split === 'train' ? 'training' : 'validation'].push(example)
  }
  return sequences
}

/** Runs the seeds side by side, as many as there are cores. The first failure ends them all. */
async function trainSeeds(
  tasks: readonly SeedTask[],
  onProgress: (progress: SeedProgress) => void,
  signal?: AbortSignal,
): Promise<SeedResult[]> {
  const failure = new AbortController()
  const stop = signal === undefined ? failure.signal : AbortSignal.any([signal, failure.signal])
  const results: SeedResult[] = []
  const waiting = [...tasks.entries()]
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [place, task] = next
      results[place] = await trainSeedInProcess(task, onProgress, stop)
    }
  }
  const workers = Array.from({ length: Math.min(tasks.length, availableParallelism()) }, work)
  try {
    await Promise.all(workers)
  } catch (error) {
    failure.abort()
    await Promise.allSettled(workers)
    throw error
  }
  return results
}
