import { type FormEvent, useId, useState } from 'react'
import { weiOf } from '../app/format.ts'
import { askToConnect } from '../wallet/account-menu.tsx'
import { TransactionNote } from '../wallet/transaction-note.tsx'
import { useTransaction } from '../wallet/use-transaction.ts'
import { useWallets } from '../wallet/wallets.ts'

type Send = Parameters<ReturnType<typeof useTransaction>['run']>[1]

/** An amount of OPEN and what to do with it; says what is wrong with the amount before anything is signed. */
export function AmountForm({
  label,
  action,
  done,
  send,
}: {
  label: string
  action: string
  done: string
  send: (amountWei: bigint) => Send
}) {
  const id = useId()
  const { connected } = useWallets()
  const transaction = useTransaction()
  const [text, setText] = useState('')
  const amountWei = weiOf(text)
  const isWrong = text !== '' && (amountWei === null || amountWei === 0n)
  const isBusy = transaction.state.kind === 'sending' || transaction.state.kind === 'indexing'
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (connected === null) return askToConnect()
    if (amountWei !== null && amountWei > 0n) void transaction.run(action, send(amountWei))
  }
  return (
    <form onSubmit={submit} className="space-y-2">
      <div className="flex flex-wrap items-end gap-2">
        <div className="min-w-40 grow">
          <label htmlFor={id} className="mb-1 block text-muted text-sm">
            {label}
          </label>
          <input
            id={id}
            className="field numeric"
            inputMode="decimal"
            placeholder="OPEN"
            value={text}
            aria-invalid={isWrong}
            aria-describedby={isWrong ? `${id}-fault` : undefined}
            onChange={(event) => setText(event.target.value)}
          />
        </div>
        <button
          type="submit"
          className="button button-primary"
          disabled={isBusy || isWrong || (connected !== null && text === '')}
        >
          {connected === null ? 'Connect an account' : action}
        </button>
      </div>
      {isWrong && (
        <p id={`${id}-fault`} className="text-bad text-sm">
          Write a positive number such as 12.5, with at most 18 decimals.
        </p>
      )}
      {transaction.state.kind !== 'idle' && <TransactionNote state={transaction.state} done={done} />}
    </form>
  )
}
