import type { ContentStore } from '@openledger/content-store'
import {
  attestationOf,
  batchOf,
  type ContributionBatch,
  type ContributionManifest,
  type Deployment,
  digestOfCid,
  encodeContribution,
  OpenLedgerError,
  RIGHTS_STATEMENT,
  readContribution,
  type TypedMessage,
} from '@openledger/protocol'
import { type PreparedCall, prepareCall } from './prepared-call.ts'

/** How long somebody else may send what a contributor signed. */
const ATTESTATION_SECONDS = 7 * 24 * 3_600

export type PreparedContribution = Omit<ContributionBatch, 'licence'> & {
  manifestCid: string
  call: PreparedCall
  attestation: TypedMessage
}

/**
 * Puts a manifest into the content store and prepares what gives it to its Datanet.
 * @throws manifest.malformed, contribution.too_great
 */
export async function prepareContribution(
  deployment: Deployment,
  store: ContentStore,
  manifest: unknown,
): Promise<PreparedContribution> {
  const bytes = encodeContribution(manifest)
  return describe(deployment, await store.put(bytes), readContribution(bytes))
}

/**
 * The same for a manifest that is in the content store already: one too large for a request is uploaded first.
 * @throws content.missing, manifest.malformed, contribution.too_great
 */
export async function prepareUploadedContribution(
  deployment: Deployment,
  store: ContentStore,
  manifestCid: string,
): Promise<PreparedContribution> {
  digestOfCid(manifestCid)
  return describe(deployment, manifestCid, readContribution(await store.get(manifestCid)))
}

/** Calldata for somebody else to send what the contributor signed. @throws contribution.signature_malformed */
export function prepareSponsored(
  deployment: Deployment,
  { attestation, ...batch }: PreparedContribution,
  deadline: bigint,
  signature: string,
): PreparedCall {
  if (!/^0x([0-9a-f]{2}){1,4096}$/.test(signature)) {
    throw new OpenLedgerError('contribution.signature_malformed', 'This is no signature.', {
      facts: { length: signature.length },
      nextStep: 'Give the hex that eth_signTypedData_v4 returned for the attestation.',
    })
  }
  const { contributor, datanetId, licence } = attestation.message
  const { manifestDigest, recordRoot, recordCount, sizeBytes } = batch
  return prepareCall(
    deployment,
    'LineageRegistry',
    'contributeFor',
    [contributor, datanetId, { manifestDigest, recordRoot, recordCount, sizeBytes, licence }, deadline, signature],
    `Contributes ${recordCount} records of ${contributor} to Datanet ${datanetId}; you pay the gas.`,
  )
}

function describe(deployment: Deployment, manifestCid: string, manifest: ContributionManifest): PreparedContribution {
  const { datanetId } = manifest
  const { licence, ...batch } = batchOf(manifest, digestOfCid(manifestCid))
  const deadline = Math.floor(Date.now() / 1000) + ATTESTATION_SECONDS
  const registry = { chainId: deployment.chainId, address: deployment.contracts.LineageRegistry.address }
  const attestation = attestationOf(registry, manifest, { ...batch, licence }, deadline)
  return {
    ...{ manifestCid, ...batch },
    call: prepareCall(
      deployment,
      'LineageRegistry',
      'contributeRecords',
      [datanetId, ...Object.values(batch), licence],
      `Contributes ${batch.recordCount} records under ${licence} to Datanet ${datanetId}, and states: ${RIGHTS_STATEMENT}`,
    ),
    // As JSON: an integer of 64 bits is text there.
    attestation: { ...attestation, message: { ...attestation.message, sizeBytes: batch.sizeBytes.toString() } },
  }
}
