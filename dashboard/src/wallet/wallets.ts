/** Wallets that announced themselves (EIP-6963), and the one that is connected. */
import { useSyncExternalStore } from 'react'

export type Eip1193Provider = {
  request(call: { method: string; params?: unknown }): Promise<unknown>
  on?(event: string, listener: (value: never) => void): void
}
export type Wallet = {
  info: { uuid: string; name: string; icon: string; rdns: string }
  provider: Eip1193Provider
  /** For an account of the demo: what it is there for. */
  note?: string
}
export type Connected = { wallet: Wallet; account: `0x${string}` }

type State = { wallets: readonly Wallet[]; connected: Connected | null }
const KEY = 'openledger.wallet'
const listeners = new Set<() => void>()
let state: State = { wallets: [], connected: null }

function set(next: State): void {
  state = next
  for (const listener of listeners) listener()
}

/** Asks wallets to announce themselves; one that was connected before is connected again. */
export function listenForWallets(): void {
  window.addEventListener('eip6963:announceProvider', (event) => {
    const wallet = (event as CustomEvent<Wallet>).detail
    if (state.wallets.some(({ info }) => info.uuid === wallet.info.uuid)) return
    set({ ...state, wallets: [...state.wallets, wallet] })
    if (wallet.info.rdns === remembered() && state.connected === null) void connect(wallet).catch(() => undefined)
  })
  window.dispatchEvent(new Event('eip6963:requestProvider'))
}

/** @throws what the wallet throws when its owner refuses */
export async function connect(wallet: Wallet): Promise<void> {
  const accounts = (await wallet.provider.request({ method: 'eth_requestAccounts' })) as string[]
  const account = accounts[0]?.toLowerCase() as `0x${string}` | undefined
  if (account === undefined) throw new Error('The wallet gave no account.')
  wallet.provider.on?.('accountsChanged', ((changed: string[]) => {
    const next = changed[0]?.toLowerCase() as `0x${string}` | undefined
    if (state.connected?.wallet === wallet) set({ ...state, connected: next ? { wallet, account: next } : null })
  }) as never)
  remember(wallet.info.rdns)
  set({ ...state, connected: { wallet, account } })
}

export function disconnect(): void {
  remember(null)
  set({ ...state, connected: null })
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export function useWallets(): State {
  return useSyncExternalStore(subscribe, () => state)
}

export function useAccount(): `0x${string}` | null {
  return useWallets().connected?.account ?? null
}

function remembered(): string | null {
  try {
    return localStorage.getItem(KEY)
  } catch {
    return null
  }
}

function remember(rdns: string | null): void {
  try {
    if (rdns === null) localStorage.removeItem(KEY)
    else localStorage.setItem(KEY, rdns)
  } catch {
    // Storage may be forbidden: the wallet is then asked again next time.
  }
}
