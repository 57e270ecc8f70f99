import { HDNodeWallet, Mnemonic } from 'ethers'

/**
 * Accounts of the demo, from the mnemonic that every local development chain funds. Worth nothing elsewhere: a real
 * network takes its keys from keystores.
 */
export const DEMO_MNEMONIC = 'test test test test test test test test test test test junk'

/** Roles by index in the mnemonic's path; contributors follow from `FIRST_CONTRIBUTOR`. */
const ROLES = ['founder', 'treasury', 'baseOwner', 'trainer', 'node', 'engine', 'alice', 'bob', 'factory'] as const
export type Role = (typeof ROLES)[number]

const FIRST_CONTRIBUTOR = 10

/** The key of a role: `founder` deploys and gets the OPEN that is liquid at the start, `alice` and `bob` pay for answers. */
export function roleWallet(role: Role): HDNodeWallet {
  return walletAt(ROLES.indexOf(role))
}

/** The key of the n-th contributor, from 0. */
export function contributorWallet(index: number): HDNodeWallet {
  return walletAt(FIRST_CONTRIBUTOR + index)
}

export function roles(): readonly Role[] {
  return ROLES
}

function walletAt(index: number): HDNodeWallet {
  return HDNodeWallet.fromMnemonic(Mnemonic.fromPhrase(DEMO_MNEMONIC), `m/44'/60'/0'/0/${index}`)
}
