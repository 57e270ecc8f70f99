/** The SDK, loaded when something is signed, paid or verified: it and the chain library are larger than all pages together. */
import type { OpenLedger } from '@openledger/sdk'
import type { Connected } from './wallets.ts'

let reading: Promise<OpenLedger> | undefined
const signing = new WeakMap<object, Promise<OpenLedger>>()

/** The SDK without a signer: it reads and verifies. */
export function readingSdk(): Promise<OpenLedger> {
  reading ??= import('./sdk.ts').then(({ openSdk }) => openSdk(null))
  reading.catch(() => {
    reading = undefined
  })
  return reading
}

/** The SDK with the connected account as signer; one for each connection, which knows how far its vouchers went. */
export function signingSdk(connected: Connected): Promise<OpenLedger> {
  const known = signing.get(connected)
  if (known !== undefined) return known
  const opened = import('./sdk.ts').then(({ openSdk }) => openSdk(connected))
  signing.set(connected, opened)
  opened.catch(() => signing.delete(connected))
  return opened
}
