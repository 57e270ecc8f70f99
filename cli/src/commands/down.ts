import { OpenLedgerError } from '@openledger/protocol'
import { Command } from 'commander'
import { note, printJson } from '../client/print.ts'
import { requireStack } from '../client/session.ts'
import type { SettingName } from '../settings.ts'
import { holderOf, statePaths } from '../stack/state-directory.ts'
import { settingsOf, withSettings } from './setting-flags.ts'

const PATIENCE_MS = 60_000
const PAUSE_MS = 200

/** `openledger down`: ends the stack of these settings as Ctrl-C in its terminal would. The state is kept. */
export function downCommand(): Command {
  const command = new Command('down')
    .description('end the stack that runs on this state, and keep the state')
    .option('--json', 'print one JSON object on stdout')
    .action(async (flags: Partial<Record<SettingName, string>> & { json?: boolean }) => {
      const { state } = requireStack(await settingsOf(flags))
      const { lock } = statePaths(state)
      const { pid } = holderOf(lock)!
      process.kill(pid, 'SIGTERM')
      note(`The stack of pid ${pid} is asked to end.`)
      const deadline = Date.now() + PATIENCE_MS
      while (holderOf(lock) !== undefined) {
        if (Date.now() > deadline) throw stuck(pid)
        await new Promise((done) => setTimeout(done, PAUSE_MS))
      }
      if (flags.json) printJson({ ended: true, pid })
      else process.stdout.write('It has ended.\n')
    })
  return withSettings(command)
}

function stuck(pid: number): OpenLedgerError {
  return new OpenLedgerError('stack.does_not_end', 'The stack does not end.', {
    facts: { pid, waitedMs: PATIENCE_MS },
    nextStep: `Run \`kill -9 ${pid}\`: its guard ends the other processes, and the state survives that.`,
  })
}
