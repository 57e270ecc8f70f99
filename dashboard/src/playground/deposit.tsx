import { useQuery, useQueryClient } from '@tanstack/react-query'
import { open, weiOf } from '../app/format.ts'
import { askToConnect } from '../wallet/account-menu.tsx'
import { signingSdk } from '../wallet/openledger.ts'
import { TransactionNote } from '../wallet/transaction-note.tsx'
import { useTransaction } from '../wallet/use-transaction.ts'
import { type Connected, useWallets } from '../wallet/wallets.ts'

const TOP_UP = '5'

/** What the connected account has prepaid; answers are paid from it by vouchers. */
export function Deposit() {
  const { connected } = useWallets()
  if (connected === null) {
    return (
      <p className="text-muted text-sm">
        <button type="button" className="link" onClick={askToConnect}>
          Connect an account
        </button>{' '}
        to ask: answers are paid from its deposit, a voucher each, without a transaction.
      </p>
    )
  }
  return <DepositOf connected={connected} />
}

function DepositOf({ connected }: { connected: Connected }) {
  const queries = useQueryClient()
  const transaction = useTransaction()
  const account = useQuery({
    queryKey: ['deposit', connected.account],
    queryFn: async () => (await signingSdk(connected)).pay.account(connected.account),
    refetchInterval: 15_000,
  })
  const deposit = async () => {
    await transaction.run(`Depositing ${TOP_UP} OPEN`, (openledger) => openledger.pay.deposit(weiOf(TOP_UP)!))
    await queries.invalidateQueries({ queryKey: ['deposit'] })
  }
  return (
    <div className="space-y-1">
      <p className="numeric flex flex-wrap items-center gap-x-3 gap-y-1 text-sm">
        <span>
          <span className="text-muted">Deposit</span>{' '}
          {account.data === undefined ? '…' : `${open(account.data.availableWei)} OPEN`}
        </span>
        <button type="button" className="link text-sm" onClick={() => void deposit()}>
          Add {TOP_UP} OPEN
        </button>
      </p>
      {transaction.state.kind !== 'idle' && <TransactionNote state={transaction.state} done="Deposited" />}
    </div>
  )
}
