import { existsSync } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { publishAnalysis } from '@openledger/analytics'
import type { ContentStore } from '@openledger/content-store'
import { type EntitySource, LineageStore, readEntitySchema } from '@openledger/lineage-store'
import { Evidence, OpenLedgerError, parseManifest } from '@openledger/protocol'
import type { Log } from '@openledger/protocol/service'
import type { EpochArchive } from '../epochs/epoch-archive.ts'
import type { Journal } from '../epochs/journal.ts'
import type { InfluenceMatrix } from '../influence/influence-matrix.ts'

/**
 * Publishes everything that can be known as of an epoch's last block for analysts, once the epoch is proposed. Killed at
 * any point, it does the same again: what it publishes is named by its content.
 *
 * It reads the index into a mirror of its own, which stands at exactly the epoch's last block. That block is final, so no
 * reorganisation touches it, and the engine's own mirror goes on meanwhile.
 */
export class AnalyticsPublisher {
  readonly #stages: AnalyticsPublisher.Stages
  #timer: NodeJS.Timeout | undefined
  #running: Promise<void> = Promise.resolve()
  #isStopped = false

  constructor(stages: AnalyticsPublisher.Stages) {
    this.#stages = stages
  }

  start(): void {
    const turn = () => {
      this.#running = this.publishNewest()
        .then(
          () => {},
          (error) => this.#stages.log.error('nothing was published for analysts; the next turn tries again', error),
        )
        .finally(() => {
          if (!this.#isStopped) this.#timer = setTimeout(turn, this.#stages.everyMs)
        })
    }
    turn()
  }

  /** Waits for what is under way. */
  async stop(): Promise<void> {
    this.#isStopped = true
    clearTimeout(this.#timer)
    await this.#running
  }

  /**
   * Publishes the newest epoch that was not rejected, unless that is done or it is not its turn.
   * @returns CID of the manifest; null when there was nothing to do
   */
  async publishNewest(): Promise<string | null> {
    const { archive, journal, everyEpochs, log } = this.#stages
    const epoch = await archive.latest()
    if (epoch === null || epoch.number % everyEpochs !== 0) return null
    if ((await journal.sharesKept(epoch.number)) !== epoch.manifestCid) return null // the clock keeps them first
    if ((await journal.analyticsOf(epoch.manifestCid)) !== null) return null
    const startedMs = Date.now()
    const publication = await this.#publish(epoch)
    await journal.keepAnalytics({ epoch: epoch.number, manifest: epoch.manifestCid, publication })
    log.info('published for analysts', { epoch: epoch.number, publication, ms: Date.now() - startedMs })
    return publication
  }

  async #publish(epoch: EpochArchive.Epoch): Promise<string> {
    const { archive, journal, matrix, contentStore, folder, schema } = this.#stages
    await mkdir(folder, { recursive: true })
    const { manifest } = await archive.manifest(epoch)
    const epochs = await this.#keepInfluence(epoch)
    const engineFiles = {
      epoch: join(folder, 'epoch.parquet'),
      payout: join(folder, 'payout.parquet'),
      influence: join(folder, 'influence.parquet'),
    }
    await journal.writeTables(epoch.manifestCid, engineFiles)
    await matrix.writeTable(epochs, engineFiles.influence)
    const { cid } = await publishAnalysis({
      folder,
      schema: readEntitySchema(schema),
      mirrorFile: await this.#mirrorAt({ number: manifest.toBlock, hash: manifest.blockHash }),
      engineFiles,
      epoch: {
        number: epoch.number,
        manifest: epoch.manifestCid,
        toBlock: manifest.toBlock,
        blockHash: manifest.blockHash,
      },
      contentStore,
    })
    return cid
  }

  /** Sees to it that the influence of all answers that the epoch and its parents pay for is here. @returns their numbers */
  async #keepInfluence(newest: EpochArchive.Epoch): Promise<number[]> {
    const { archive, matrix, contentStore } = this.#stages
    const numbers: number[] = []
    const evidenceOf = new Map<string, string>()
    for (let epoch: EpochArchive.Epoch | null = newest; epoch !== null; ) {
      const { manifest } = await archive.manifest(epoch)
      await matrix.keepEpoch(manifest)
      for (const { receiptHash, evidence } of manifest.answers) evidenceOf.set(receiptHash, evidence)
      numbers.push(epoch.number)
      epoch = epoch.parent === 0 ? null : await archive.epoch(epoch.parent)
    }
    for (const receiptHash of await matrix.missing()) {
      const cid = evidenceOf.get(receiptHash)
      if (cid !== undefined) await matrix.put(parseManifest(Evidence, await contentStore.get(cid), 'evidence'))
    }
    return numbers
  }

  /** @returns file of a mirror that stands at exactly this block, and that nobody has open */
  async #mirrorAt(block: { number: number; hash: string }): Promise<string> {
    const { folder } = this.#stages
    const file = join(folder, 'mirror.duckdb')
    const stood = await this.#sync(file, block.number)
    if (stood.number === block.number && stood.hash === block.hash) return file
    // It is past it: an older epoch is published again. What stands there is made anew.
    for (const name of [file, `${file}.wal`]) if (existsSync(name)) await rm(name)
    const again = await this.#sync(file, block.number)
    if (again.number === block.number && again.hash === block.hash) return file
    throw new OpenLedgerError('analytics.other_block', 'The index does not have the block that the epoch ends with.', {
      facts: { block: block.number, hash: block.hash, indexedBlock: again.number, indexedHash: again.hash },
      nextStep: 'Wait until the index has reached it; if its hash differs, check the epoch: `openledger verify`.',
      retryable: true,
    })
  }

  async #sync(file: string, toBlock: number) {
    const { schema, source } = this.#stages
    const mirror = await LineageStore.open(file, { schema, source })
    try {
      return await mirror.sync(toBlock)
    } finally {
      await mirror.close()
    }
  }
}

export declare namespace AnalyticsPublisher {
  type Stages = {
    archive: Pick<EpochArchive, 'latest' | 'epoch' | 'manifest'>
    /** Opened with the folder. */
    journal: Journal
    /** Opened with the folder. */
    matrix: InfluenceMatrix
    contentStore: ContentStore
    /** Text of schema.graphql. */
    schema: string
    source: EntitySource
    log: Log
    /** Its own. */
    folder: string
    /** Only epochs whose number this divides are published. */
    everyEpochs: number
    /** How often it looks for a new epoch. */
    everyMs: number
  }
}
