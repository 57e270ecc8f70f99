import { OpenLedgerError } from '@openledger/protocol'
import type { Outages, Source } from './outages.ts'

/** A part that an answer lacks, as `extensions.missing` and `_meta.missing` say it. */
export type Missing = { source: Source; code: string; sinceBlock: number | null; hint: string }

/** Codes that say that a source itself does not answer; all others are about what was asked. */
const OUTAGE_CODES: Readonly<Record<string, string>> = {
  'index.unavailable': 'Nothing from the chain can be read; /readyz says when the index is back.',
  'index.behind': 'What happened on the chain after this block is not in the answer yet.',
  'engine.unavailable': 'Evidence of answers that no epoch has paid yet is left out.',
  'content.unreachable': 'Texts, transcripts, evidence and proofs are left out.',
  'chain.unavailable': 'How far the index lags is unknown.',
  'factory.unavailable': 'Training runs are left out; orders on chain and models are still served.',
  'node.unavailable': 'The inference node does not answer; what it anchored is still here.',
}

/** One request's time and what it had to do without. */
export class RequestScope {
  /** Ends all waiting at the request's deadline. */
  readonly signal: AbortSignal
  readonly #outages: Outages
  readonly #missing = new Map<Source, Missing>()
  /** Block that the request is pinned to, as soon as it is. */
  block: number | null = null
  /** Whether the request named that block itself: then it is not late. */
  isTimeTravel = false

  constructor(outages: Outages, timeoutMs: number) {
    this.#outages = outages
    this.signal = AbortSignal.timeout(timeoutMs)
  }

  get missing(): Missing[] {
    return [...this.#missing.values()]
  }

  /**
   * Asks a source, within the request's time, and keeps in mind when it does not answer.
   * @param unavailable the error where the source rests after a failure or the time is over
   */
  async ask<T>(source: Source, unavailable: (cause?: unknown) => OpenLedgerError, work: () => Promise<T>): Promise<T> {
    if (this.#outages.isResting(source)) throw this.note(source, unavailable())
    try {
      const result = await withinSignal(this.signal, work())
      this.#outages.worked(source, this.block)
      return result
    } catch (error) {
      const failure = error === this.signal.reason ? unavailable(error) : error
      if (failure instanceof OpenLedgerError && failure.code in OUTAGE_CODES) {
        this.#outages.failed(source)
        this.note(source, failure)
      } else this.#outages.worked(source, this.block)
      throw failure
    }
  }

  /** Says in the answer that this source is missing. */
  note(source: Source, error: OpenLedgerError, sinceBlock = this.#outages.lastGoodBlock(source)): OpenLedgerError {
    const hint = OUTAGE_CODES[error.code] ?? 'Ask again in a moment.'
    this.#missing.set(source, { source, code: error.code, sinceBlock, hint })
    return error
  }
}

function withinSignal<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const give = () => reject(signal.reason)
    if (signal.aborted) return give()
    signal.addEventListener('abort', give, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', give))
  })
}

/** The index trails the chain by more than it may. */
export function indexBehind(): OpenLedgerError {
  return new OpenLedgerError('index.behind', 'The index trails the chain.', {
    nextStep: 'Ask again in a moment; /readyz says how far it is.',
    retryable: true,
  })
}

export function chainUnavailable(): OpenLedgerError {
  return new OpenLedgerError('chain.unavailable', 'The chain does not answer.', {
    nextStep: 'Nothing, if you only read: the index is still served.',
    retryable: true,
  })
}

export function nodeUnavailable(): OpenLedgerError {
  return new OpenLedgerError('node.unavailable', 'The inference node does not answer.', {
    nextStep: 'Ask another node, or this one in a moment.',
    retryable: true,
  })
}
