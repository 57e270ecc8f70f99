import { OpenLedgerError } from '../error.ts'

/** One JSON object a line on stderr: stdout belongs to data. */
export function createLog(service: string): Log {
  const write = (level: string, message: string, facts: Record<string, unknown>) => {
    const line = { time: new Date().toISOString(), level, service, message, ...facts }
    process.stderr.write(
      `${JSON.stringify(line, (_, value) => (typeof value === 'bigint' ? value.toString() : value))}\n`,
    )
  }
  return {
    info: (message, facts = {}) => write('info', message, facts),
    warn: (message, facts = {}) => write('warn', message, facts),
    error: (message, error) => write('error', message, { error: describe(error) }),
  }
}

export type Log = {
  info(message: string, facts?: Record<string, unknown>): void
  warn(message: string, facts?: Record<string, unknown>): void
  error(message: string, error: unknown): void
}

function describe(error: unknown): unknown {
  if (error instanceof OpenLedgerError) return error.toJSON()
  return error instanceof Error ? { message: error.message, stack: error.stack } : String(error)
}
