/** The process behind `trainSeedInProcess`: takes one task, reports, and ends. Without its parent it ends at once. */
import { OpenLedgerError } from '@openledger/protocol'
import type { SeedMessage } from './seed-process.ts'
import { type SeedTask, trainSeed } from './train-seed.ts'

const abandoned = () => process.exit(1)
process.once('disconnect', abandoned)

process.once('message', async (task: SeedTask) => {
  const outcome = await trainSeed(task, (progress) => send({ kind: 'progress', progress })).then(
    (result): SeedMessage => ({ kind: 'done', result }),
    (error): SeedMessage => {
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

function send(message: SeedMessage, sent: () => void = () => {}): void {
  process.send!(message, undefined, undefined, sent)
}
