import { availableParallelism } from 'node:os'
import type { ContentStore } from '@openledger/content-store'
import { openBaseModel } from '@openledger/language-model'
import type { LineageStore } from '@openledger/lineage-store'
import { cidOfDigest, type Digest, ModelManifest, OpenLedgerError, parseManifest } from '@openledger/protocol'
import type { Log } from '@openledger/protocol/service'
import { type Contract, type Wallet, ZeroHash } from 'ethers'
import { computeFeatures } from './compute-features.ts'
import { GradientWorker } from './gradient-worker.ts'
import { publishFeatures } from './publish-features.ts'
import type { Base } from './trained-model.ts'

const MAX_THREADS = 2

/**
 * Gives every adapter that the index shows and that has none its attribution features, one adapter after the other, and
 * commits to them on chain. An adapter whose features cannot be computed is reported once and left out.
 */
export class FeaturesKeeper {
  readonly #stages: FeaturesKeeper.Stages
  readonly #refused = new Set<string>()
  #timer: NodeJS.Timeout | undefined
  #isStopped = false

  constructor(stages: FeaturesKeeper.Stages) {
    this.#stages = stages
  }

  start(): void {
    const turn = () => {
      void this.#serveNext()
        .catch((error) => this.#stages.log.error('features were not computed; the next turn tries again', error))
        .finally(() => {
          if (!this.#isStopped) this.#timer = setTimeout(turn, this.#stages.everyMs)
        })
    }
    turn()
  }

  /** Waits for nothing: what was not published is computed again by the next process. */
  async stop(): Promise<void> {
    this.#isStopped = true
    clearTimeout(this.#timer)
  }

  /** The adapter that waits longest, if one does. */
  async #serveNext(): Promise<void> {
    const waiting = await this.#stages.lineage.query<WaitingAdapter>(
      `SELECT adapter.id, adapter.artefactDigest, base.artefactDigest AS baseDigest
       FROM Model adapter JOIN Model base ON base.id = adapter.base
       WHERE adapter.kind = 'Adapter' AND adapter.id NOT IN (SELECT model FROM Features)
       ORDER BY adapter.blockNumber, adapter.id`,
    )
    const next = waiting.find(({ id }) => !this.#refused.has(id))
    if (next === undefined || (await this.#isPublished(next.id))) return
    try {
      await this.#serve(next)
    } catch (error) {
      // What the chain refuses (an account that is no attester, say) would be refused again after minutes of work.
      if (error instanceof OpenLedgerError && error.retryable && error.code !== 'chain.refused') throw error
      this.#refused.add(next.id)
      throw error
    }
  }

  /** The index shows what is on chain a little later. */
  async #isPublished(modelId: `0x${string}`): Promise<boolean> {
    return (await this.#stages.registry.featuresOf!(modelId)) !== ZeroHash
  }

  async #serve({ id, artefactDigest, baseDigest }: WaitingAdapter): Promise<void> {
    const { contentStore, log, registry, signer } = this.#stages
    const { training } = await this.#manifest(artefactDigest)
    if (training === null) throw untraceable(id)
    const { files } = await this.#manifest(baseDigest)
    const startedMs = Date.now()
    const base = await openBaseModel(async (name) => contentStore.get(cidOfFile(files, name)), Object.keys(files))
    const featuresDigest = await this.#compute(id, training, base)
    await publishFeatures(registry, signer, id, featuresDigest)
    log.info('features published', { model: id, seconds: Math.round((Date.now() - startedMs) / 1000) })
  }

  async #compute(modelId: `0x${string}`, training: string, base: Base): Promise<Digest> {
    const threads = Math.min(MAX_THREADS, availableParallelism())
    const workers = Array.from({ length: threads }, () => new GradientWorker(base))
    try {
      const { contentStore } = this.#stages
      return (await computeFeatures({ modelId, training, contentStore, base, workers })).featuresDigest
    } finally {
      await Promise.all(workers.map((worker) => worker.close()))
    }
  }

  async #manifest(digest: Digest): Promise<ModelManifest> {
    const bytes = await this.#stages.contentStore.get(cidOfDigest(digest))
    return parseManifest(ModelManifest, bytes, 'model manifest')
  }
}

type WaitingAdapter = { id: `0x${string}`; artefactDigest: Digest; baseDigest: Digest }

export declare namespace FeaturesKeeper {
  type Stages = {
    lineage: Pick<LineageStore, 'query'>
    contentStore: ContentStore
    /** LineageRegistry */
    registry: Contract
    /** An account that governance made an attester, used by nobody else. */
    signer: Wallet
    log: Log
    /** Milliseconds between looks at the index. */
    everyMs: number
  }
}

function cidOfFile(files: ModelManifest['files'], name: string): string {
  const cid = files[name]
  if (cid !== undefined) return cid
  throw new OpenLedgerError('model.file_missing', 'The model’s manifest lacks a file that every base model has.', {
    facts: { file: name },
    nextStep: 'Register the model again with all of its files.',
  })
}

function untraceable(modelId: string): OpenLedgerError {
  return new OpenLedgerError('features.no_training', 'An adapter does not say what it was trained on.', {
    facts: { modelId },
    nextStep: 'Its answers go to the reserve; register it again with its training manifest.',
  })
}
