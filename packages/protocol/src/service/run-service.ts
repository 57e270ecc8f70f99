import { OpenLedgerError } from '../error.ts'
import { createLog, type Log } from './log.ts'

/**
 * Runs one service process: starts it, tells the parent when it serves, and ends it cleanly on SIGTERM, SIGINT or when
 * the parent is gone (its IPC channel closes even if it was killed), so that no process is ever orphaned.
 */
export async function runService(name: string, start: (log: Log) => Promise<RunningService>): Promise<void> {
  const log = createLog(name)
  let running: RunningService | undefined
  let ending: Promise<void> | undefined
  const end = (exitCode: number): Promise<void> => {
    ending ??= Promise.resolve(running?.close())
      .catch((error) => log.error('did not close cleanly', error))
      .then(() => process.exit(exitCode))
    return ending
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void end(0))
  process.once('disconnect', () => void end(0))
  process.once('uncaughtException', (error) => {
    log.error('unexpected fault', error)
    void end(1)
  })
  try {
    running = await start(log)
    log.info('ready', { url: running.url })
    process.send?.({ kind: 'ready', url: running.url })
  } catch (error) {
    log.error('could not start', error)
    const report = error instanceof OpenLedgerError ? error.toJSON() : { message: String(error) }
    process.send?.({ kind: 'failed', error: report })
    await end(1)
  }
}

export type RunningService = { url: string; close(): Promise<void> }
