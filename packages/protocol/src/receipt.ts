import type { Signer, TypedDataDomain } from 'ethers'
import { z } from 'zod'
import { FlatStruct } from './flat-struct.ts'
import { address, bytes32, signature, uint } from './manifests/primitives.ts'

/**
 * What a node states about one answer. Receipts of a node form a chain by `previousReceipt`; their Merkle root goes on
 * chain with the settlement that they explain. `requestHash` and `responseHash` are digests, so they are CIDs too.
 */
export const AnswerReceipt = z.object({
  /** sha2-256 of the request's canonical JSON (openledger/request@1). */
  requestHash: bytes32,
  /** sha2-256 of the response's canonical JSON (openledger/response@1). */
  responseHash: bytes32,
  baseModelId: bytes32,
  /** The adapter that answered; the base itself when none did. */
  modelId: bytes32,
  /** Names the computation: graph, weights' precision, runtime version. Equal hashes replay to equal tokens. */
  engineHash: bytes32,
  /** Hash of the node's receipt before this one; zero for its first. */
  previousReceipt: bytes32,
  promptTokens: uint(32),
  completionTokens: uint(32),
  priceWei: uint(128),
  payer: address,
  node: address,
  /** Counts a node's receipts from 0, without gaps. */
  sequence: uint(64),
  timestampMs: uint(64),
})
export type AnswerReceipt = z.infer<typeof AnswerReceipt>

export const SignedReceipt = z.object({ receipt: AnswerReceipt, receiptHash: bytes32, signature })
export type SignedReceipt = z.infer<typeof SignedReceipt>

const STRUCT = new FlatStruct('AnswerReceipt', [
  { name: 'requestHash', type: 'bytes32' },
  { name: 'responseHash', type: 'bytes32' },
  { name: 'baseModelId', type: 'bytes32' },
  { name: 'modelId', type: 'bytes32' },
  { name: 'engineHash', type: 'bytes32' },
  { name: 'previousReceipt', type: 'bytes32' },
  { name: 'promptTokens', type: 'uint32' },
  { name: 'completionTokens', type: 'uint32' },
  { name: 'priceWei', type: 'uint128' },
  { name: 'payer', type: 'address' },
  { name: 'node', type: 'address' },
  { name: 'sequence', type: 'uint64' },
  { name: 'timestampMs', type: 'uint64' },
])

/** The receipt's identity everywhere: its EIP-712 hash. */
export function receiptHash(domain: TypedDataDomain, receipt: AnswerReceipt): `0x${string}` {
  return STRUCT.hash(domain, receipt)
}

export async function signReceipt(
  signer: Signer,
  domain: TypedDataDomain,
  receipt: AnswerReceipt,
): Promise<SignedReceipt> {
  const signed = await STRUCT.sign(signer, domain, receipt)
  return { receipt, receiptHash: receiptHash(domain, receipt), signature: signed }
}

/** The address whose key signed the receipt; a receipt is only good when it is `receipt.node`. */
export function receiptSigner(domain: TypedDataDomain, signed: SignedReceipt): string {
  return STRUCT.signer(domain, signed.receipt, signed.signature)
}
