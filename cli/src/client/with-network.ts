import type { OpenLedger } from '@openledger/sdk'
import { openReader, openSigner, type SendingFlags, type SessionFlags } from './session.ts'

/** Runs a command on the network of its flags and closes that afterwards. */
export async function reading<T>(flags: SessionFlags, work: (openledger: OpenLedger) => Promise<T>): Promise<T> {
  const openledger = await openReader(flags)
  try {
    return await work(openledger)
  } finally {
    openledger.close()
  }
}

/** The same for a command that signs. */
export async function signing<T>(flags: SendingFlags, work: (openledger: OpenLedger) => Promise<T>): Promise<T> {
  const openledger = await openSigner(flags)
  try {
    return await work(openledger)
  } finally {
    openledger.close()
  }
}
