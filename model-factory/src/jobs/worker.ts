/** Takes runs from the queue: trains each in a process of its own, registers what came out, and keeps its story. */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { OpenLedgerError } from '@openledger/protocol'
import type { Log } from '@openledger/protocol/service'
import type { Registrar } from '../chain/registrar.ts'
import { TrainingError } from '../error.ts'
import type { TrainedRun } from './job-process.ts'
import { trainInProcess } from './job-process.ts'
import type { RunQueue } from './queue.ts'
import { metric, RunMeter } from './run-meter.ts'
import type { Run, RunStore } from './run-store.ts'

/** How often a worker looks whether its run was cancelled. */
const CANCEL_POLL_MS = 1_000
const SAVE_EVERY_MS = 2_000
/** A run is given up when its process died, or something did not answer, so often. */
const MAX_ATTEMPTS = 5

export type WorkerPlace = {
  store: RunStore
  registrar: Pick<Registrar, 'register'>
  /** Name of this worker over restarts. */
  worker: string
  /** Where runs are saved: a worker that shares it with another goes on where that one was. */
  folder: string
  subgraphUrl: string
  contentUrl: string
  log: Log
}

/**
 * Works until `ending` is aborted: what then runs is cut off and goes on at the next start.
 *
 * @param concurrency runs at a time
 */
export async function startWorker(
  place: WorkerPlace,
  queue: RunQueue,
  concurrency: number,
  ending: AbortSignal,
): Promise<void> {
  for (const { queueId } of await place.store.heldBy(place.worker)) await queue.release(queueId)
  await queue.work(concurrency, (id) => work(place, id, ending))
}

async function work(place: WorkerPlace, id: string, ending: AbortSignal): Promise<void> {
  const { log, store } = place
  const claimed = await store.claim(id, place.worker)
  if (claimed === null) return
  const { claim, run } = claimed
  log.info('a run begins', { run: id, attempt: run.attempts })
  try {
    const outcome = run.outcome ?? (await train(place, run, claim, ending))
    if (outcome === null) return
    await store.tell(id, metric('registering'))
    const registered = await place.registrar.register(run, outcome)
    await store.done(id, claim, registered)
    await rm(folderOf(place, id), { recursive: true, force: true })
    log.info('a run is done', { run: id, model: registered.modelId })
  } catch (error) {
    if (ending.aborted) throw error // the queue gives it to whoever starts next
    const known = error instanceof OpenLedgerError ? error : unexpected(error, log)
    log.warn('a run failed', { run: id, attempt: run.attempts, code: known.code })
    if (known.retryable && run.attempts < MAX_ATTEMPTS) throw known
    await store.failed(id, claim, known)
  }
}

/** @returns null when the run was cancelled, or another attempt took it */
async function train(place: WorkerPlace, run: Run, claim: string, ending: AbortSignal): Promise<TrainedRun | null> {
  const { store } = place
  const { maxMemoryMb, maxSeconds, recipe } = run.spec
  const stop = new AbortController()
  const limit = setTimeout(() => stop.abort(tooLong(maxSeconds)), maxSeconds * 1_000)
  const watch = setInterval(async () => {
    if (!(await store.holds(run.id, claim).catch(() => true))) stop.abort()
  }, CANCEL_POLL_MS)
  const seeds = Array.isArray(recipe.seeds) ? recipe.seeds.length : 2
  const meter = new RunMeter(seeds)
  // One after the other, so that the story keeps its order; a lost line of it is no reason to stop.
  let telling: Promise<unknown> = Promise.resolve()
  try {
    const outcome = await trainInProcess(
      {
        spec: run.spec,
        subgraphUrl: place.subgraphUrl,
        contentUrl: place.contentUrl,
        folder: folderOf(place, run.id),
        saveEveryMs: SAVE_EVERY_MS,
        maxBytes: maxMemoryMb * 1_048_576,
      },
      (progress) => {
        const told = meter.read(progress)
        if (told !== null) telling = telling.then(() => store.tell(run.id, told)).catch(() => undefined)
      },
      AbortSignal.any([stop.signal, ending]),
    )
    await telling
    return (await store.keepOutcome(run.id, claim, outcome)) ? outcome : null
  } catch (error) {
    await telling
    if (stop.signal.aborted && !(stop.signal.reason instanceof OpenLedgerError)) return null
    throw error
  } finally {
    clearTimeout(limit)
    clearInterval(watch)
  }
}

function folderOf({ folder }: WorkerPlace, id: string): string {
  return join(folder, id)
}

function tooLong(maxSeconds: number): TrainingError {
  return new TrainingError('training.time_exceeded', 'The training takes longer than it may.', {
    facts: { maxSeconds },
    nextStep: 'Resume it: it goes on from its checkpoint. Or ask for more time (maxSeconds).',
  })
}

function unexpected(error: unknown, log: Log): OpenLedgerError {
  log.error('a run met an unexpected fault', error)
  return new TrainingError('training.worker_ended', 'The training met a fault that nobody foresaw.', {
    facts: { reason: (error instanceof Error ? error.message : String(error)).slice(0, 300) },
    nextStep: 'Look into the log of the model-factory.',
    retryable: true,
  })
}
