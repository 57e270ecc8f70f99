import { OpenLedgerError } from '@openledger/protocol'
import { Command } from 'commander'
import { demoCommand } from './commands/demo.ts'
import { doctorCommand } from './commands/doctor.ts'
import { sqlCommand } from './commands/sql.ts'
import { statusCommand } from './commands/status.ts'
import { upCommand } from './commands/up.ts'
import { verifyCommand } from './commands/verify.ts'

// Exit codes: 0 done, 1 it could not be done or a check did not hold, 2 wrong use, 130 interrupted.
const program = new Command('openledger')
  .description('OpenLedger: data is contributed, trained on, served, traced and paid for, and anybody can check it.')
  .showHelpAfterError()
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
for (const command of [upCommand(), demoCommand(), verifyCommand(), sqlCommand(), statusCommand(), doctorCommand()]) {
  program.addCommand(command.copyInheritedSettings(program))
}

try {
  await program.parseAsync(process.argv)
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
