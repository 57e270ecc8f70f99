/** Prepaid balances: what vouchers are collected from. */
import type { Provider } from 'ethers'
import { type Call, callOf } from './calls.ts'
import { contractOf } from './contracts.ts'
import type { Network } from './network.ts'

export type PayerAccount = {
  /** In wei of OPEN, all of them. */
  balanceWei: bigint
  thawingWei: bigint
  availableWei: bigint
  /** OPEN outside the escrow. */
  walletWei: bigint
}

/** Allows the escrow to take `amountWei` from the sender and pays it in for `payer`. */
export function depositCalls(network: Network, payer: string, amountWei: bigint): Call[] {
  const escrow = network.contracts.InferenceEscrow.address
  return [
    callOf(network, 'OpenToken', 'approve', escrow, amountWei),
    callOf(network, 'InferenceEscrow', 'deposit', payer, amountWei),
  ]
}

/** Announces a withdrawal; nodes have the thaw time to settle what they are owed. */
export function thawCall(network: Network, amountWei: bigint): Call {
  return callOf(network, 'InferenceEscrow', 'thaw', amountWei)
}

/** Takes back what has thawed and was not spent since. */
export function withdrawCall(network: Network, to: string): Call {
  return callOf(network, 'InferenceEscrow', 'withdraw', to)
}

export async function payerAccount(network: Network, provider: Provider, payer: string): Promise<PayerAccount> {
  const escrow = contractOf(network, 'InferenceEscrow', provider)
  const [[balanceWei, thawingWei], availableWei, walletWei] = await Promise.all([
    escrow.getFunction('accountOf')(payer),
    escrow.getFunction('availableOf')(payer),
    contractOf(network, 'OpenToken', provider).getFunction('balanceOf')(payer),
  ])
  return { balanceWei, thawingWei, availableWei, walletWei }
}
