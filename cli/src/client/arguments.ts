import { OpenLedgerError, parseOpen } from '@openledger/protocol'

/** OPEN as a person writes it, in wei. @throws amount.malformed */
export function amountOf(text: string): bigint {
  if (/^[0-9]{1,12}(\.[0-9]{1,18})?$/.test(text)) {
    const amountWei = parseOpen(text)
    if (amountWei > 0n) return amountWei
  }
  throw new OpenLedgerError('amount.malformed', 'This is no amount of OPEN.', {
    facts: { amount: text.slice(0, 40) },
    nextStep: 'Give a positive number such as 12.5, with at most 18 decimals.',
  })
}

/** An id or hash of 32 bytes. @throws id.malformed */
export function idOf(text: string): `0x${string}` {
  const id = text.toLowerCase()
  if (/^0x[0-9a-f]{64}$/.test(id)) return id as `0x${string}`
  throw new OpenLedgerError('id.malformed', 'This is no id: those are 0x and 64 hex digits.', {
    facts: { id: text.slice(0, 80) },
    nextStep: 'Copy the id whole; `openledger datanet list --json` and `model list --json` give them.',
  })
}

/** A whole number from `least` to `most`. @throws number.malformed */
export function wholeOf(text: string, least: number, most: number): number {
  const value = Number(text)
  if (/^[0-9]{1,15}$/.test(text) && value >= least && value <= most) return value
  throw new OpenLedgerError('number.malformed', `This must be a whole number from ${least} to ${most}.`, {
    facts: { value: text.slice(0, 40) },
    nextStep: 'Correct the flag or argument.',
  })
}
