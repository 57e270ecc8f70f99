/**
 * Training runs on threads of their own: ONNX Runtime computes on the thread that calls it, and the caller's must stay
 * free to serve, to report and to cancel.
 */
import { Worker } from 'node:worker_threads'
import { OpenLedgerError } from '@openledger/protocol'
import { TrainingError } from './error.ts'
import type { SeedProgress, SeedResult, SeedTask } from './train-seed.ts'

export type SeedMessage =
  | { kind: 'progress'; progress: SeedProgress }
  | { kind: 'done'; result: SeedResult }
  | { kind: 'failed'; error: OpenLedgerError.Report }

/**
 * Runs `trainSeed` on a new thread.
 *
 * @throws what `trainSeed` throws; {TrainingError} `training.cancelled` once `signal` is aborted,
 *   `training.worker_ended` if the thread dies
 */
export function trainSeedOnThread(
  task: SeedTask,
  onProgress: (progress: SeedProgress) => void,
  signal?: AbortSignal,
): Promise<SeedResult> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(cancelled())
    const worker = new Worker(new URL('./seed-worker.ts', import.meta.url), { workerData: task })
    const cancel = () => end(() => reject(cancelled()))
    const end = (settle: () => void) => {
      signal?.removeEventListener('abort', cancel)
      worker.removeAllListeners()
      void worker.terminate().then(settle)
    }
    signal?.addEventListener('abort', cancel, { once: true })
    worker.on('message', (message: SeedMessage) => {
      if (message.kind === 'progress') onProgress(message.progress)
      else if (message.kind === 'done') end(() => resolve(message.result))
      else end(() => reject(errorOf(message.error)))
    })
    worker.on('error', (cause) => end(() => reject(ended(cause))))
    worker.on('exit', () => end(() => reject(ended())))
  })
}

/** The error of the other thread: its class did not come along, its code and facts did. */
function errorOf({ code, message, ...report }: OpenLedgerError.Report): OpenLedgerError {
  return code.startsWith('training.')
    ? new TrainingError(code as TrainingError.Code, message, report)
    : new OpenLedgerError(code, message, report)
}

function cancelled(): TrainingError {
  return new TrainingError('training.cancelled', 'The training was cancelled.', {
    nextStep: 'Start it again when it is wanted; nothing was registered.',
    retryable: true,
  })
}

function ended(cause?: unknown): TrainingError {
  return new TrainingError('training.worker_ended', 'The thread that trains has ended.', {
    facts: { reason: cause === undefined ? 'exit' : String(cause).slice(0, 200) },
    nextStep: 'Start the training again. If it happens again, give it more memory.',
    retryable: true,
    cause,
  })
}
