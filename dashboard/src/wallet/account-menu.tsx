import { useEffect, useRef, useState } from 'react'
import { tellError } from '../api/api-error.ts'
import { shortHex } from '../app/format.ts'
import { Icon } from '../components/icon.tsx'
import { connect, disconnect, useWallets, type Wallet } from './wallets.ts'

/** Connects an account; a dialog, so that the keyboard stays in it. */
export function AccountMenu() {
  const { wallets, connected } = useWallets()
  const dialog = useRef<HTMLDialogElement>(null)
  const [fault, setFault] = useState<string | null>(null)
  const choose = async (wallet: Wallet) => {
    try {
      setFault(null)
      await connect(wallet)
      dialog.current?.close()
    } catch (error) {
      setFault(tellError(error).message)
    }
  }
  useEffect(() => {
    const open = () => dialog.current?.showModal()
    window.addEventListener('openledger:connect', open)
    return () => window.removeEventListener('openledger:connect', open)
  }, [])
  return (
    <>
      <button type="button" className="button" onClick={() => dialog.current?.showModal()}>
        <Icon name="wallet" size={16} />
        {connected === null ? (
          'Connect'
        ) : (
          <>
            <span className="max-sm:sr-only">{connected.wallet.info.name}</span>
            <code className="numeric text-xs">{shortHex(connected.account)}</code>
          </>
        )}
      </button>
      <dialog
        ref={dialog}
        aria-labelledby="account-title"
        className="m-auto w-[min(28rem,calc(100vw-2rem))] rounded-xl border border-line bg-surface p-0 text-ink backdrop:bg-black/40"
      >
        <div className="p-5">
          <div className="mb-3 flex items-center justify-between">
            <h2 id="account-title" className="font-semibold text-base">
              {connected === null ? 'Connect an account' : 'Your account'}
            </h2>
            <button
              type="button"
              className="rounded p-1 text-muted hover:text-ink"
              onClick={() => dialog.current?.close()}
            >
              <Icon name="close" />
              <span className="sr-only">Close</span>
            </button>
          </div>
          {wallets.length === 0 && (
            <p className="text-muted text-sm">
              No wallet announced itself. Install one that speaks EIP-6963; on a local chain this page offers the demo’s
              accounts.
            </p>
          )}
          <ul className="space-y-1">
            {wallets.map((wallet) => {
              const isConnected = connected?.wallet === wallet
              return (
                <li key={wallet.info.uuid}>
                  <button
                    type="button"
                    aria-pressed={isConnected}
                    className="flex w-full items-center gap-3 rounded-lg px-3 py-2 text-left hover:bg-sunken aria-pressed:bg-accent-soft"
                    onClick={() => void choose(wallet)}
                  >
                    <WalletMark wallet={wallet} />
                    <span className="min-w-0 grow">
                      <span className="block font-medium text-sm">{wallet.info.name}</span>
                      {wallet.note !== undefined && <span className="block text-muted text-xs">{wallet.note}</span>}
                    </span>
                    {isConnected && <Icon name="check" size={16} />}
                  </button>
                </li>
              )
            })}
          </ul>
          {fault !== null && (
            <p role="alert" className="mt-3 text-bad text-sm">
              {fault}
            </p>
          )}
          {connected !== null && (
            <button type="button" className="button mt-4 w-full" onClick={disconnect}>
              Disconnect
            </button>
          )}
        </div>
      </dialog>
    </>
  )
}

/** Opens the dialog from anywhere that needs an account. */
export function askToConnect(): void {
  window.dispatchEvent(new Event('openledger:connect'))
}

/** A letter: icons of wallets are images of others, which the page's policy does not load. */
function WalletMark({ wallet }: { wallet: Wallet }) {
  return (
    <span
      aria-hidden="true"
      className="grid size-8 shrink-0 place-items-center rounded-full bg-accent-soft font-semibold text-accent-strong text-sm"
    >
      {wallet.info.name.slice(0, 1)}
    </span>
  )
}
