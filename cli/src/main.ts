import { OpenLedgerError } from '@openledger/protocol'
import { createProgram } from './program.ts'

try {
  await createProgram().parseAsync(process.argv)
} catch (error) {
  process.stderr.write(`\n${error instanceof OpenLedgerError ? error.toText() : describeFault(error)}\n`)
  process.exitCode = isInterruption(error) ? 130 : 1
}
// Something may still hold the event loop, a connection for example; all that matters is done.
process.exit()

function isInterruption(error: unknown): boolean {
  return error instanceof OpenLedgerError && error.code.endsWith('.interrupted')
}

/** A fault of our own: its stack is what somebody needs who is to mend it. */
function describeFault(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
