/** Datanets: made, asked for, judged. */
import { canonicalJson, type Digest, digestOf } from '@openledger/protocol'
import { type Provider, ZeroHash } from 'ethers'
import { type Call, callOf } from './calls.ts'
import { storeJson } from './content.ts'
import { contractOf } from './contracts.ts'
import type { Network } from './network.ts'

const MODALITIES = ['text', 'image', 'audio', 'other'] as const

export type DatanetTerms = {
  name: string
  summary: string
  modality: (typeof MODALITIES)[number]
  /** SPDX expression. */
  licence: string
  /** DERIVATIVES 1, COMMERCIAL 2, RECIPROCAL 4. */
  licenceFlags: number
  /** Part of derived models' income, in parts per million. */
  royaltyPpm: number
  /** Whether rules, bonds and validators decide what it takes. */
  curated: boolean
}

/** A Datanet that is prepared: `id` is what it will have when `owner` sends the call. */
export type PreparedDatanet = { id: string; metadata: object; call: Call }

export async function prepareDatanet(
  network: Network,
  provider: Provider,
  owner: string,
  terms: DatanetTerms,
): Promise<PreparedDatanet> {
  const { name, summary, modality, licence, licenceFlags, royaltyPpm, curated } = terms
  const metadata = { kind: 'openledger/datanet@1', name, summary, modality, licence }
  const onChain = {
    name,
    modality: MODALITIES.indexOf(modality),
    licenceFlags,
    royaltyPpm,
    licence,
    metadataDigest: digestOf(canonicalJson(metadata)),
    curated,
  }
  const registry = contractOf(network, 'LineageRegistry', provider)
  const id = (await registry.getFunction('datanetIdOf')(owner, onChain)) as string
  return { id, metadata, call: callOf(network, 'LineageRegistry', 'createDatanet', onChain) }
}

/** Stores what the Datanet's digest names; to be done before its call is sent. */
export function storeDatanet(network: Network, { metadata }: PreparedDatanet): Promise<string> {
  return storeJson(network, metadata)
}

/**
 * A validator's vote on a contribution to a curated Datanet.
 * @param agentId of the validating agent, which the sender operates
 * @param reasonDigest digest of the reasons; a rejection must have one
 */
export function validateCall(
  network: Network,
  vote: { contributionId: string; agentId: bigint; accepted: boolean; reasonDigest?: Digest },
): Call {
  const { contributionId, agentId, accepted, reasonDigest = ZeroHash } = vote
  return callOf(network, 'Curation', 'validate', contributionId, agentId, accepted, reasonDigest, ZeroHash)
}
