import type { LineageStore } from '@openledger/lineage-store'
import { OpenLedgerError } from '@openledger/protocol'
import type { Log } from '@openledger/protocol/service'
import type { EpochArchive } from './epoch-archive.ts'
import type { EpochCloser } from './epoch-closer.ts'
import type { Journal } from './journal.ts'

/**
 * Keeps the engine going: follows the index, closes epochs when it is time, takes bonds back, keeps the shares of every
 * epoch that is proposed, by whom ever. A step that fails is reported and tried again at the next turn.
 */
export class EpochClock {
  readonly #stages: EpochClock.Stages
  readonly #state: EpochClock.State = { syncedBlock: null, lastOutcome: null, lastError: null, ticks: 0 }
  #timer: NodeJS.Timeout | undefined
  #running: Promise<void> = Promise.resolve()
  #isStopped = false
  #lastCloseMs = Number.NEGATIVE_INFINITY

  constructor(stages: EpochClock.Stages) {
    this.#stages = stages
  }

  get state(): Readonly<EpochClock.State> {
    return this.#state
  }

  start(): void {
    const turn = () => {
      this.#running = this.#tick().finally(() => {
        if (!this.#isStopped) this.#timer = setTimeout(turn, this.#stages.syncMs)
      })
    }
    turn()
  }

  /** Waits for the step that is under way. */
  async stop(): Promise<void> {
    this.#isStopped = true
    clearTimeout(this.#timer)
    await this.#running
  }

  /** Closes an epoch now. @throws what closing throws */
  async closeNow(): Promise<EpochCloser.Outcome> {
    const outcome = await this.#stages.closer.close()
    if (outcome.kind === 'proposed' || outcome.kind !== this.#state.lastOutcome?.kind) {
      this.#stages.log.info('closed', { ...outcome })
    }
    this.#state.lastOutcome = outcome
    return outcome
  }

  async #tick(): Promise<void> {
    const { lineage, epochMs } = this.#stages
    this.#state.ticks += 1
    await this.#step(async () => {
      this.#state.syncedBlock = (await lineage.sync()).number
      if (epochMs > 0 && Date.now() - this.#lastCloseMs >= epochMs) {
        await this.closeNow()
        this.#lastCloseMs = Date.now() // after it: a failure is tried again at the next turn
      }
      await this.#stages.closer.releaseBonds()
      await this.#keepShares()
      this.#state.lastError = null
    })
  }

  /** Shares of the epochs that stand and are not kept yet, newest first. */
  async #keepShares(): Promise<void> {
    const { archive, journal } = this.#stages
    for (let epoch = await archive.latest(); epoch !== null; ) {
      if ((await journal.sharesKept(epoch.number)) === epoch.manifestCid) return // older ones were kept before it
      const { manifest } = await archive.manifest(epoch)
      await journal.keepShares(epoch.manifestCid, manifest)
      epoch = epoch.parent === 0 ? null : await archive.epoch(epoch.parent)
    }
  }

  async #step(work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      const report = error instanceof OpenLedgerError ? error.toJSON() : { code: 'unexpected', message: String(error) }
      // The same trouble every second is one line, not a flood.
      if (this.#state.lastError?.code !== report.code) this.#stages.log.error('a step failed', error)
      this.#state.lastError = report
    }
  }
}

export declare namespace EpochClock {
  type Stages = {
    lineage: Pick<LineageStore, 'sync'>
    closer: EpochCloser
    archive: EpochArchive
    journal: Journal
    log: Log
    /** How often the index is followed. */
    syncMs: number
    /** How often an epoch is closed; 0: only when asked. */
    epochMs: number
  }
  type State = {
    syncedBlock: number | null
    lastOutcome: EpochCloser.Outcome | null
    lastError: (Partial<OpenLedgerError.Report> & { code: string; message: string }) | null
    ticks: number
  }
}
