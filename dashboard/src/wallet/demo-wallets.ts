/** Accounts of a local chain, announced as wallets are: everybody has their keys, so they are worth nothing elsewhere. */
import type { Wallet } from './wallets.ts'

/** The chain id of development chains. */
export const LOCAL_CHAIN = 31_337

/** Places in the path of the chain's mnemonic, as the demo gives them out. */
const ACCOUNTS = [
  { place: 6, name: 'Alice', note: 'Has OPEN and a deposit: asks models' },
  { place: 7, name: 'Bob', note: 'Has OPEN and a deposit: asks models' },
  { place: 10, name: 'Contributor 1', note: 'Contributed records: earns and claims' },
  { place: 11, name: 'Contributor 2', note: 'Contributed records: earns and claims' },
  { place: 12, name: 'Contributor 3', note: 'Contributed records: earns and claims' },
  { place: 0, name: 'Founder', note: 'Holds most OPEN: stakes, votes, proposes' },
] as const

const ICON = '/icon.svg'

export function announceDemoWallets(): void {
  const wallets = ACCOUNTS.map(({ place, name, note }): Wallet => {
    return {
      info: { uuid: `0000000${place}-demo`, name, icon: ICON, rdns: `demo.${place}` },
      note,
      provider: {
        // Keys and signing are loaded when an account is first used.
        request: async (call) => (await import('./demo-provider.ts')).answer(place, call),
      },
    }
  })
  const announce = () => {
    for (const detail of wallets) window.dispatchEvent(new CustomEvent('eip6963:announceProvider', { detail }))
  }
  window.addEventListener('eip6963:requestProvider', announce)
  announce()
}
