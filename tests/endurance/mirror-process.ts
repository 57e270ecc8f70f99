/**
 * A lineage store in a process of its own that syncs as fast as it can, to be killed at any moment. It says over IPC how
 * far it came, or why not.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { OpenLedgerError } from '@openledger/protocol'
import { type MirrorPlan, openMirror } from './mirror.ts'

export type MirrorMessage = { block: number } | { fault: string }

const plan = JSON.parse(process.argv[2]!) as MirrorPlan
process.once('disconnect', () => process.exit(0))
const mirror = await openMirror(plan)
for (;;) {
  const message: MirrorMessage = await mirror.store.sync().then(
    ({ number }) => ({ block: number }),
    (error) => ({
      fault: error instanceof OpenLedgerError ? `${error.code} ${JSON.stringify(error.facts)}` : String(error),
    }),
  )
  process.send?.(message)
  await sleep(20)
}
