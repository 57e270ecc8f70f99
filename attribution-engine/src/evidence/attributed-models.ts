/** Adapters as evidence needs them, read once from the content store and kept while they are in use. */
import type { ContentStore } from '@openledger/content-store'
import type { LoraConfig } from '@openledger/language-model'
import type { TrainingManifest } from '@openledger/protocol'
import type { Checkpoints } from '../features/gradient-task.ts'
import { loadFeatures, type PublishedFeatures } from '../features/load-features.ts'
import {
  type Base,
  checkpointCid,
  loraOf,
  readCheckpoints,
  readRecordText,
  readTraining,
} from '../features/trained-model.ts'
import { type Contributors, contributorsOf } from '../influence/influence-of.ts'
import { bytePairs } from '../spans/byte-pairs.ts'
import { CorpusIndex } from '../spans/corpus-index.ts'
import type { Tokenise } from '../spans/lex.ts'

export type AttributedModel = {
  published: PublishedFeatures
  training: TrainingManifest
  contributors: Contributors
  lora: LoraConfig
  /** In the order of the features' layers. */
  checkpoints: Checkpoints
  /** The canonical records of the adapter's Datanets, those for validation included. */
  corpus: CorpusIndex
}

/** Adapters that are kept: features and corpus of each take some megabytes. */
const MAX_MODELS = 16

export class AttributedModels {
  readonly #content: Pick<ContentStore, 'get'>
  readonly #base: Base
  readonly #tokenise: Tokenise
  readonly #models = new Map<string, Promise<AttributedModel>>()

  constructor(content: Pick<ContentStore, 'get'>, base: Base) {
    this.#content = content
    this.#base = base
    this.#tokenise = bytePairs(base.tokenizer)
  }

  /** @param featuresCid of the features manifest that the chain names for the adapter */
  open(featuresCid: string): Promise<AttributedModel> {
    const model = this.#models.get(featuresCid) ?? this.#read(featuresCid)
    this.#models.delete(featuresCid)
    this.#models.set(featuresCid, model) // the latest used is last
    const [oldest] = this.#models.keys()
    if (this.#models.size > MAX_MODELS) this.#models.delete(oldest!)
    // What could not be read now may be there later: a failure is not kept.
    model.catch(() => this.#models.delete(featuresCid))
    return model
  }

  async #read(featuresCid: string): Promise<AttributedModel> {
    const published = await loadFeatures(this.#content, featuresCid)
    const training = await readTraining(this.#content, published.manifest.training)
    const lora = loraOf(training)
    const { manifest } = published
    const cids = manifest.layers.map(({ seed, checkpoint }) => checkpointCid(training, seed, checkpoint))
    const checkpoints = await readCheckpoints(this.#content, this.#base, lora, cids)
    const records = []
    for (const record of training.records) {
      records.push({ digest: record.digest, text: await readRecordText(this.#content, record) })
    }
    const contributors = contributorsOf(training)
    return { published, training, contributors, lora, checkpoints, corpus: new CorpusIndex(records, this.#tokenise) }
  }
}
