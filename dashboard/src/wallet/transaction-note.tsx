import { count } from '../app/format.ts'
import { Hex } from '../components/hex.tsx'
import { Badge, Failure } from '../components/states.tsx'
import type { TransactionState } from './use-transaction.ts'

/** Says where a transaction is, to eyes and screen readers. */
export function TransactionNote({ state, done }: { state: TransactionState; done?: string }) {
  if (state.kind === 'failed') return <Failure error={state.error} />
  return (
    <p role="status" className="min-h-6 text-muted text-sm">
      {state.kind === 'sending' && `${state.what}…`}
      {state.kind === 'indexing' && `Mined in block ${count(state.block)}; waiting for the index…`}
      {state.kind === 'indexed' && (
        <span className="inline-flex flex-wrap items-center gap-2">
          <Badge tone="good">{done ?? 'Done'}</Badge> Indexed at block {count(state.block)}, transaction{' '}
          <Hex value={state.hash} what="transaction hash" />
        </span>
      )}
    </p>
  )
}
