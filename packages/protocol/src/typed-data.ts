import type { TypedDataDomain } from 'ethers'

/** The EIP-712 domain of vouchers and receipts: one escrow on one chain. */
export function inferenceDomain(chainId: bigint | number, escrow: string): TypedDataDomain {
  return { name: 'OpenLedger Inference', version: '1', chainId, verifyingContract: escrow }
}
