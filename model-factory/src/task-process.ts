/**
 * Heavy work runs in processes of their own: ONNX Runtime computes on the thread that calls it, and the caller's must stay
 * free to serve, to report and to cancel. A thread would be free too, but ending one inside the native library aborts the
 * whole process; a process can be killed at any moment.
 */
import { fork } from 'node:child_process'
import { OpenLedgerError } from '@openledger/protocol'
import { TrainingError } from './error.ts'

/** What the child says. */
export type TaskMessage<Progress, Result> =
  | { kind: 'progress'; progress: Progress }
  | { kind: 'done'; result: Result }
  | { kind: 'failed'; error: OpenLedgerError.Report }

/**
 * Runs one task in a new process, which ends with this call, however it ends.
 *
 * @param program a file that calls `serveTask`
 * @throws what the task throws; {TrainingError} `training.cancelled` once `signal` is aborted, unless its reason is an error
 *   of ours, which is thrown; `training.worker_ended` if the process dies
 */
export async function runInProcess<Task, Progress, Result>(
  program: string,
  task: Task,
  onProgress: (progress: Progress) => void,
  signal?: AbortSignal,
): Promise<Result> {
  if (signal?.aborted) throw stopped(signal)
  const child = fork(program, [], {
    serialization: 'advanced',
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const exited = new Promise<number | string | null>((resolve) => {
    child.once('exit', (code, killer) => resolve(code ?? killer))
    child.once('error', (error) => resolve(String(error)))
  })
  const cancel = () => child.kill('SIGKILL')
  signal?.addEventListener('abort', cancel, { once: true })
  let outcome: TaskMessage<Progress, Result> | undefined
  child.on('message', (message: TaskMessage<Progress, Result>) => {
    if (message.kind === 'progress') onProgress(message.progress)
    else outcome = message
  })
  child.send(task as object, (error) => {
    if (error) child.kill('SIGKILL')
  })
  const reason = await exited
  signal?.removeEventListener('abort', cancel)
  if (outcome?.kind === 'done') return outcome.result
  if (outcome?.kind === 'failed') throw errorOf(outcome.error)
  throw signal?.aborted ? stopped(signal) : ended(String(reason))
}

/** The error of the other process: its class did not come along, its code and facts did. */
function errorOf({ code, message, ...report }: OpenLedgerError.Report): OpenLedgerError {
  return code.startsWith('training.')
    ? new TrainingError(code as TrainingError.Code, message, report)
    : new OpenLedgerError(code, message, report)
}

function stopped({ reason }: AbortSignal): OpenLedgerError {
  if (reason instanceof OpenLedgerError) return reason
  return new TrainingError('training.cancelled', 'The training was cancelled.', {
    nextStep: 'Start it again when it is wanted; nothing was registered.',
    retryable: true,
  })
}

function ended(reason: string): TrainingError {
  return new TrainingError('training.worker_ended', 'The process that trains has ended before its time.', {
    facts: { reason },
    nextStep: 'Start the training again. If it happens again, give it more memory.',
    retryable: true,
  })
}
