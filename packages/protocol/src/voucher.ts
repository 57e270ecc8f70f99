import type { Signer, TypedDataDomain } from 'ethers'
import { z } from 'zod'
import { FlatStruct } from './flat-struct.ts'
import { address, bytes32, signature, uint } from './manifests/primitives.ts'

/**
 * A payer's promise to one node for one model: "you may collect up to `cumulativeWei` in total".
 * Only the newest voucher of a channel counts. `contracts/payments/InferenceEscrow.sol` checks the same bytes.
 */
export const Voucher = z.object({
  payer: address,
  node: address,
  modelId: bytes32,
  /** Total over the channel's life, in wei of OPEN, as a decimal string. */
  cumulativeWei: uint(128),
  /** Unix seconds after which the voucher can no longer be settled. */
  expiresAt: uint(64),
})
export type Voucher = z.infer<typeof Voucher>

export const SignedVoucher = Voucher.extend({ signature })
export type SignedVoucher = z.infer<typeof SignedVoucher>

const STRUCT = new FlatStruct('Voucher', [
  { name: 'payer', type: 'address' },
  { name: 'node', type: 'address' },
  { name: 'modelId', type: 'bytes32' },
  { name: 'cumulativeWei', type: 'uint128' },
  { name: 'expiresAt', type: 'uint64' },
])

export function voucherHash(domain: TypedDataDomain, voucher: Voucher): string {
  return STRUCT.hash(domain, voucher)
}

/** Signed by the payer's own key, or by a session key that the payer allowed in the escrow. */
export async function signVoucher(signer: Signer, domain: TypedDataDomain, voucher: Voucher): Promise<SignedVoucher> {
  return { ...voucher, signature: await STRUCT.sign(signer, domain, voucher) }
}

/** The address whose key signed the voucher; it is for the caller to know whether that address may. */
export function voucherSigner(domain: TypedDataDomain, voucher: SignedVoucher): string {
  const { signature: signed, ...message } = voucher
  return STRUCT.signer(domain, message, signed)
}
