/** Contributing: records → manifest → record root → transaction or signed attestation. */
import {
  attestationOf,
  batchOf,
  type ContributionBatch,
  type ContributionManifest,
  cidOf,
  digestOf,
  encodeContribution,
  OpenLedgerError,
} from '@openledger/protocol'
import type { Signer } from 'ethers'
import { type Call, callOf } from './calls.ts'
import { storeContent } from './content.ts'
import type { Network } from './network.ts'

const UPLOADS_AT_ONCE = 8

export type NewRecord = { bytes: Uint8Array; mediaType: string; title: string }

export type NewContribution = {
  datanetId: `0x${string}`
  contributor: string
  /** SPDX expression of these records. */
  licence: string
  /** Who is to be credited. */
  attribution: { name: string; url?: string }
  records: readonly NewRecord[]
}

/** A contribution that is prepared: nothing of it is stored or sent. */
export type PreparedContribution = {
  manifest: ContributionManifest
  manifestCid: string
  batch: ContributionBatch
  contents: readonly Uint8Array[]
  /** For the contributor to send; sending it states RIGHTS_STATEMENT of the registry. */
  call: Call
}

/** @throws contribution.empty for no records, or one without content; contribution.too_great, manifest.malformed */
export function prepareContribution(network: Network, contribution: NewContribution): PreparedContribution {
  const { datanetId, licence, attribution, records } = contribution
  const empty = records.find(({ bytes }) => bytes.length === 0)
  if (records.length === 0 || empty !== undefined) {
    throw new OpenLedgerError('contribution.empty', 'A contribution needs records, and each of them content.', {
      facts: { records: records.length, empty: empty?.title ?? null },
      nextStep: 'Give at least one record, and none that is empty.',
    })
  }
  const manifest: ContributionManifest = {
    kind: 'openledger/contribution@1',
    datanetId,
    contributor: contribution.contributor.toLowerCase() as `0x${string}`,
    licence,
    attribution,
    records: records.map(({ bytes, mediaType, title }) => ({
      cid: cidOf(bytes),
      sizeBytes: bytes.length,
      mediaType,
      title,
    })),
  }
  const encoded = encodeContribution(manifest)
  const batch = batchOf(manifest, digestOf(encoded))
  return {
    manifest,
    manifestCid: cidOf(encoded),
    batch,
    contents: [...records.map(({ bytes }) => bytes), encoded],
    call: callOf(network, 'LineageRegistry', 'contributeRecords', datanetId, ...Object.values(batch)),
  }
}

/** Stores records and manifest; to be done before the call is sent, or the index finds nothing behind the digest. */
export async function storeContribution(
  network: Network,
  { contents }: PreparedContribution,
  onStored: (stored: number, all: number) => void = () => {},
): Promise<void> {
  const waiting = [...contents]
  let stored = 0
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      await storeContent(network, next)
      onStored(++stored, contents.length)
    }
  }
  await Promise.all(Array.from({ length: Math.min(UPLOADS_AT_ONCE, contents.length) }, work))
}

/**
 * The contributor's signature that lets anybody submit the batch and pay its gas.
 * @param deadline Unix seconds
 */
export async function attestContribution(
  network: Network,
  signer: Signer,
  { manifest, batch }: PreparedContribution,
  deadline: number,
): Promise<{ signature: string; call: Call }> {
  const registry = { chainId: network.chainId, address: network.contracts.LineageRegistry.address }
  const { domain, types, message } = attestationOf(registry, manifest, batch, deadline)
  const signature = await signer.signTypedData(domain, types, message)
  const parameters = [manifest.contributor, manifest.datanetId, batch, deadline, signature]
  return { signature, call: callOf(network, 'LineageRegistry', 'contributeFor', ...parameters) }
}
