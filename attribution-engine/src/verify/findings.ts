import { OpenLedgerError } from '@openledger/protocol'

/** One question that was asked, and the answer. */
export type Check = { name: string; ok: boolean; facts: Record<string, OpenLedgerError.Fact> }

/** One thing that is not as it must be. */
export type Mismatch = { check: string; code: string; message: string; facts: Record<string, OpenLedgerError.Fact> }

/** Checks in the order in which they were made, so that the first mismatch is the one to look at first. */
export class Findings {
  readonly checks: Check[] = []
  readonly mismatches: Mismatch[] = []

  /**
   * Runs one check. What `work` reports, and any typed error that it throws, is a mismatch; another error is a fault of
   * this program and goes on up.
   * @returns what `work` returned; null when it threw
   */
  async check<T>(name: string, work: (findings: Findings.Open) => Promise<T> | T): Promise<T | null> {
    const before = this.mismatches.length
    const facts: Record<string, OpenLedgerError.Fact> = {}
    const report: Findings.Open['report'] = (code, message, about) => {
      this.mismatches.push({ check: name, code, message, facts: about })
    }
    let result: T | null = null
    try {
      result = await work({ facts, report })
    } catch (error) {
      if (!(error instanceof OpenLedgerError)) throw error
      report(error.code, error.message, { ...error.facts })
    }
    this.checks.push({ name, ok: this.mismatches.length === before, facts })
    return result
  }
}

export declare namespace Findings {
  type Open = {
    /** What was counted, for the report. */
    facts: Record<string, OpenLedgerError.Fact>
    report(code: string, message: string, facts: Record<string, OpenLedgerError.Fact>): void
  }
}
