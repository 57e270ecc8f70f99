/** The thread behind `trainSeedOnThread`. */
import { parentPort, workerData } from 'node:worker_threads'
import { OpenLedgerError } from '@openledger/protocol'
import type { SeedMessage } from './seed-thread.ts'
import { type SeedTask, trainSeed } from './train-seed.ts'

const post = (message: SeedMessage) => parentPort!.postMessage(message)

try {
  const result = await trainSeed(workerData as SeedTask, (progress) => post({ kind: 'progress', progress }))
  post({ kind: 'done', result })
} catch (error) {
  // What is no error for people is a fault of the program: the thread ends with it, and its owner reports that.
  if (!(error instanceof OpenLedgerError)) throw error
  post({ kind: 'failed', error: error.toJSON() })
}
