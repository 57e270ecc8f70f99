import type { TypedDataDomain } from 'ethers'
import { digestOfCid } from './digest.ts'
import type { ContributionManifest } from './manifests/contribution.ts'
import { MerkleTree } from './merkle-tree.ts'

/** What a contributor states, word for word as LineageRegistry has it; a test asks the contract. */
export const RIGHTS_STATEMENT =
  'I may give these records under the licence named here, and I do. They may be trained on, attributed and paid for.'

/** What LineageRegistry is told of a contribution, in the order of `contributeRecords`. */
export type ContributionBatch = {
  manifestDigest: `0x${string}`
  /** Merkle root of the records' digests. */
  recordRoot: `0x${string}`
  recordCount: number
  /** Of all records. */
  sizeBytes: bigint
  /** SPDX expression. */
  licence: string
}

/** A message of EIP-712 as wallets take it. */
export type TypedMessage = {
  domain: TypedDataDomain
  types: Record<string, { name: string; type: string }[]>
  primaryType: string
  message: Record<string, unknown>
}

export function batchOf(
  manifest: Pick<ContributionManifest, 'licence' | 'records'>,
  manifestDigest: `0x${string}`,
): ContributionBatch {
  const { licence, records } = manifest
  return {
    manifestDigest,
    recordRoot: new MerkleTree(records.map(({ cid }) => digestOfCid(cid))).root,
    recordCount: records.length,
    sizeBytes: records.reduce((sum, { sizeBytes }) => sum + BigInt(sizeBytes), 0n),
    licence,
  }
}

/**
 * What a contributor signs so that somebody else may send the contribution and pay its gas.
 * @param registry the chain and address of LineageRegistry
 * @param deadline Unix seconds
 */
export function attestationOf(
  registry: { chainId: number; address: string },
  { contributor, datanetId }: Pick<ContributionManifest, 'contributor' | 'datanetId'>,
  batch: ContributionBatch,
  deadline: number,
): TypedMessage {
  const { chainId, address } = registry
  return {
    domain: { name: 'OpenLedger Lineage', version: '1', chainId, verifyingContract: address },
    types: TYPES,
    primaryType: 'ContributionAttestation',
    message: { contributor, datanetId, ...batch, statement: RIGHTS_STATEMENT, deadline },
  }
}

const TYPES = {
  ContributionAttestation: [
    { name: 'contributor', type: 'address' },
    { name: 'datanetId', type: 'bytes32' },
    { name: 'manifestDigest', type: 'bytes32' },
    { name: 'recordRoot', type: 'bytes32' },
    { name: 'recordCount', type: 'uint32' },
    { name: 'sizeBytes', type: 'uint64' },
    { name: 'licence', type: 'string' },
    { name: 'statement', type: 'string' },
    { name: 'deadline', type: 'uint256' },
  ],
}
