/**
 * The one base class of errors that a caller is meant to read: what is wrong, the facts, and what to do next.
 * Services show `code`, `message` and `nextStep`; a stack never leaves the process.
 */
export class OpenLedgerError extends Error {
  /** Stable and machine-readable: `home.reason`, for example `voucher.expired`. */
  readonly code: string
  /** The values behind the message, by name; printed in this order. */
  readonly facts: Readonly<Record<string, OpenLedgerError.Fact>>
  /** One command or action that a person can take now. */
  readonly nextStep: string
  /** Whether the same call may succeed later without any change by the caller. */
  readonly retryable: boolean

  constructor(code: string, message: string, options: OpenLedgerError.Options) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'OpenLedgerError'
    this.code = code
    this.facts = options.facts ?? {}
    this.nextStep = options.nextStep
    this.retryable = options.retryable ?? false
  }

  /** The error as it may cross a process border. */
  toJSON(): OpenLedgerError.Report {
    const facts = Object.fromEntries(
      Object.entries(this.facts).map(([name, value]) => [name, typeof value === 'bigint' ? value.toString() : value]),
    )
    return { code: this.code, message: this.message, facts, nextStep: this.nextStep, retryable: this.retryable }
  }

  /** The error as a terminal shows it: message, facts in columns, next step. */
  toText(): string {
    const names = Object.keys(this.facts)
    const width = Math.max(0, ...names.map((name) => name.length))
    const rows = names.map((name) => `  ${name.padEnd(width)}  ${String(this.facts[name])}`)
    return [this.message, ...(rows.length > 0 ? ['', ...rows] : []), '', `Next: ${this.nextStep}`].join('\n')
  }
}

export declare namespace OpenLedgerError {
  type Fact = string | number | bigint | boolean | null
  type Options = {
    facts?: Record<string, Fact>
    nextStep: string
    retryable?: boolean
    cause?: unknown
  }
  type Report = {
    code: string
    message: string
    facts: Record<string, string | number | boolean | null>
    nextStep: string
    retryable: boolean
  }
}
