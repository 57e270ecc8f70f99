import { OpenLedgerError } from '@openledger/protocol'
import type { TaskMessage } from './task-process.ts'

/** The other side of `runInProcess`: takes one task, reports, and ends. Without its parent it ends at once. */
export function serveTask<Task, Progress, Result>(
  work: (task: Task, onProgress: (progress: Progress) => void) => Promise<Result>,
): void {
  const send = (message: TaskMessage<Progress, Result>, sent: () => void = () => {}) =>
    process.send!(message, undefined, undefined, sent)
  const abandoned = () => process.exit(1)
  process.once('disconnect', abandoned)
  process.once('message', async (task: Task) => {
    const outcome = await work(task, (progress) => send({ kind: 'progress', progress })).then(
      (result): TaskMessage<Progress, Result> => ({ kind: 'done', result }),
      (error): TaskMessage<Progress, Result> => {
        // What is no error for people is a fault of the program: the process ends with it, and its parent reports that.
        if (!(error instanceof OpenLedgerError)) throw error
        return { kind: 'failed', error: error.toJSON() }
      },
    )
    send(outcome, () => {
      process.off('disconnect', abandoned)
      process.disconnect()
    })
  })
}
