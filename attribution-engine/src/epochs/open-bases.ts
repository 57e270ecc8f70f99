import type { ContentStore } from '@openledger/content-store'
import { openBaseModel } from '@openledger/language-model'
import { cidOfDigest, ModelManifest, OpenLedgerError, parseManifest } from '@openledger/protocol'

import { createEvidence, type EvidenceMaker } from '../evidence/create-evidence.ts'
import { GradientWorker } from '../features/gradient-worker.ts'

/** Base models that answers came from, opened when the first answer needs one, each with a process for its gradients. */
export class OpenBases {
  readonly #content: ContentStore
  readonly #artefactOf: OpenBases.ArtefactOf
  readonly #makers = new Map<string, Promise<EvidenceMaker>>()
  readonly #workers: GradientWorker[] = []

  /** @param artefactOf digest of a model's manifest, as the chain has it; null for no model */
  constructor(content: ContentStore, artefactOf: OpenBases.ArtefactOf) {
    this.#content = content
    this.#artefactOf = artefactOf
  }

  /** @throws model.unknown, manifest.malformed, and what the readers of the model's files throw */
  makerOf(baseModelId: `0x${string}`): Promise<EvidenceMaker> {
    const known = this.#makers.get(baseModelId)
    if (known !== undefined) return known
    const maker = this.#open(baseModelId)
    this.#makers.set(baseModelId, maker)
    // What could not be opened now may be there later: a failure is not kept.
    maker.catch(() => this.#makers.delete(baseModelId))
    return maker
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.close()))
  }

  async #open(baseModelId: `0x${string}`): Promise<EvidenceMaker> {
    const digest = await this.#artefactOf(baseModelId)
    if (digest === null) {
      throw new OpenLedgerError('model.unknown', 'A receipt names a base model that is not registered.', {
        facts: { baseModelId },
        nextStep: 'Wait for the index if it was registered just now; else the node’s receipts are wrong.',
        retryable: true,
      })
    }
    const { files } = parseManifest(ModelManifest, await this.#content.get(cidOfDigest(digest)), 'model manifest')
    const base = await openBaseModel(
      async (name) => this.#content.get(cidOf(files, name, baseModelId)),
      Object.keys(files),
    )
    const worker = new GradientWorker(base)
    this.#workers.push(worker)
    return createEvidence({ contentStore: this.#content, base, worker })
  }
}

export declare namespace OpenBases {
  type ArtefactOf = (modelId: `0x${string}`) => Promise<`0x${string}` | null>
}

function cidOf(files: ModelManifest['files'], name: string, modelId: string): string {
  const cid = files[name]
  if (cid !== undefined) return cid
  throw new OpenLedgerError('model.file_missing', 'The model’s manifest lacks a file that every base model has.', {
    facts: { modelId, file: name },
    nextStep: 'Register the model again with all of its files.',
  })
}
