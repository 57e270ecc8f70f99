import type { OpenLedger } from '@openledger/sdk'
import { useQueryClient } from '@tanstack/react-query'
import { useCallback, useState } from 'react'
import { ask } from '../api/ask.ts'
import { status } from '../generated/status.ts'
import { signingSdk } from './openledger.ts'
import { useWallets } from './wallets.ts'

/** Where a transaction is. `indexed`: pages show what it did. */
export type TransactionState =
  | { kind: 'idle' }
  | { kind: 'sending'; what: string }
  | { kind: 'indexing'; block: number; hash: string }
  | { kind: 'indexed'; block: number; hash: string }
  | { kind: 'failed'; error: unknown }

const PATIENCE_MS = 60_000

/** Sends by the connected account, and says when the index has read what was sent. */
export function useTransaction(): {
  state: TransactionState
  /** @param send gives the receipts of what it sent; null is returned when it failed, and the state says why */
  run: <T extends { blockNumber: number; hash: string }>(
    what: string,
    send: (openledger: OpenLedger, say: (what: string) => void) => Promise<readonly T[] | T>,
  ) => Promise<T | null>
  reset: () => void
} {
  const { connected } = useWallets()
  const queries = useQueryClient()
  const [state, setState] = useState<TransactionState>({ kind: 'idle' })
  const run = useCallback(
    async <T extends { blockNumber: number; hash: string }>(
      what: string,
      send: (openledger: OpenLedger, say: (what: string) => void) => Promise<readonly T[] | T>,
    ): Promise<T | null> => {
      try {
        if (connected === null) throw new Error('Connect an account first.')
        setState({ kind: 'sending', what })
        const openledger = await signingSdk(connected)
        const sent = await send(openledger, (now) => setState({ kind: 'sending', what: now }))
        const last = (Array.isArray(sent) ? sent.at(-1) : sent) as T
        setState({ kind: 'indexing', block: last.blockNumber, hash: last.hash })
        await untilIndexed(last.blockNumber)
        setState({ kind: 'indexed', block: last.blockNumber, hash: last.hash })
        await queries.invalidateQueries()
        return last
      } catch (error) {
        setState({ kind: 'failed', error })
        return null
      }
    },
    [connected, queries],
  )
  return { state, run, reset: useCallback(() => setState({ kind: 'idle' }), []) }
}

async function untilIndexed(block: number): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS
  while (Date.now() < deadline) {
    const { _meta } = await ask(status, {})
    if (_meta.block >= block) return
    await new Promise((done) => setTimeout(done, 400))
  }
}
