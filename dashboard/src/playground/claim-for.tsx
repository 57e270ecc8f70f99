import { useOperation } from '../api/use-operation.ts'
import { open } from '../app/format.ts'
import { claimable } from '../generated/claimable.ts'
import { askToConnect } from '../wallet/account-menu.tsx'
import { TransactionNote } from '../wallet/transaction-note.tsx'
import { useTransaction } from '../wallet/use-transaction.ts'
import { useWallets } from '../wallet/wallets.ts'

/** What a contributor can be paid now. Anybody may send the claim: the money goes to the contributor. */
export function ClaimFor({ account }: { account: string }) {
  const { connected } = useWallets()
  const query = useOperation(claimable, { account }, { everyMs: 5_000 })
  const transaction = useTransaction()
  const rewards = query.data?.contributor
  if (rewards === undefined) return null
  const isOwn = connected?.account === account.toLowerCase()
  const isNothing = BigInt(rewards.claimableWei) === 0n
  const claim = () => void transaction.run('Claiming', async (openledger) => [await openledger.claim(account)])
  return (
    <div className="space-y-2">
      <p className="numeric flex flex-wrap items-center gap-x-3 gap-y-2 text-sm">
        <span>
          <span className="text-muted">Claimable now:</span> {open(rewards.claimableWei)} OPEN
        </span>
        <span className="text-muted">of {open(rewards.earnedWei)} OPEN earned in all</span>
        {!isNothing && (
          <button
            type="button"
            className="button"
            disabled={transaction.state.kind === 'sending' || transaction.state.kind === 'indexing'}
            onClick={connected === null ? askToConnect : claim}
          >
            {isOwn ? 'Claim' : 'Claim for them'}
          </button>
        )}
      </p>
      {transaction.state.kind !== 'idle' && <TransactionNote state={transaction.state} done="Claimed" />}
    </div>
  )
}
