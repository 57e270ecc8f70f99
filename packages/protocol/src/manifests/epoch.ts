import { z } from 'zod'
import { address, bytes32, cid, uint } from './primitives.ts'

/** One answer's contributor pool and who gets it. `poolWei` = sum of the shares + `reserveWei`. */
export const PaidAnswer = z.object({
  receiptHash: bytes32,
  poolWei: uint(128),
  evidence: cid,
  reserveWei: uint(128),
  shares: z.array(z.object({ account: address, canonical: bytes32, amountWei: uint(128) })),
})
export type PaidAnswer = z.infer<typeof PaidAnswer>

/** All that a root promises, and where each wei of it comes from. Its digest is `dataDigest` of the proposal. */
export const EpochManifest = z.object({
  kind: z.literal('openledger/epoch@1'),
  number: z.int().min(1),
  /** First and last block whose settlements are paid; both included. */
  fromBlock: z.int().min(0),
  toBlock: z.int().min(0),
  /** Hash of `toBlock`. */
  blockHash: bytes32,
  /** CID of the manifest of the last epoch that went live; null for the first. */
  parent: cid.nullable(),
  engineHash: bytes32,
  /** Receipt batches anchored in the range. */
  batches: z.array(z.object({ node: address, batch: uint(64), receiptsDigest: bytes32 })),
  answers: z.array(PaidAnswer),
  /** Account that receives what no record earned. */
  reserveAccount: address,
  reserveWei: uint(128),
  /** The tree's words in order, sentinels included: account ‖ cumulative wei. */
  words: z.array(bytes32).min(2),
  /** Sum of the cumulative amounts: what all epochs together have promised. */
  totalWei: uint(128),
  root: bytes32,
})
export type EpochManifest = z.infer<typeof EpochManifest>
