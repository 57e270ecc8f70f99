import { type FormEvent, useId, useState } from 'react'
import { askToConnect } from '../wallet/account-menu.tsx'
import { TransactionNote } from '../wallet/transaction-note.tsx'
import { useTransaction } from '../wallet/use-transaction.ts'
import { useWallets } from '../wallet/wallets.ts'

const MIN_REASON = 20

/**
 * Disputes a root while its window is open: the sender's bond against the proposer's. The reason goes on chain as the hash of its
 * text; provable faults are settled by `openledger verify --dispute` without an arbiter.
 */
export function ChallengeRoot({ epoch }: { epoch: number }) {
  const id = useId()
  const { connected } = useWallets()
  const transaction = useTransaction()
  const [reason, setReason] = useState('')
  const isBusy = transaction.state.kind === 'sending' || transaction.state.kind === 'indexing'
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (connected === null) return askToConnect()
    void transaction.run('Raising the dispute', async (openledger) => {
      const { challengeCalls } = await import('../wallet/challenge.ts')
      return openledger.send(await challengeCalls(openledger, epoch, reason))
    })
  }
  return (
    <form onSubmit={submit} className="space-y-2">
      <label htmlFor={id} className="block text-muted text-sm">
        What is wrong with it? Your bond stands against the proposer’s: whoever is found wrong loses it.
      </label>
      <textarea
        id={id}
        className="field min-h-20"
        maxLength={2_000}
        value={reason}
        onChange={(event) => setReason(event.target.value)}
      />
      <button
        type="submit"
        className="button"
        disabled={isBusy || (connected !== null && reason.trim().length < MIN_REASON)}
      >
        {connected === null ? 'Connect an account' : 'Raise a dispute'}
      </button>
      {transaction.state.kind !== 'idle' && <TransactionNote state={transaction.state} done="Disputed" />}
    </form>
  )
}
