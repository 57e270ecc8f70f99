import type { ContentStore } from '@openledger/content-store'
import {
  ContributionManifest,
  canonicalJson,
  type Deployment,
  type Digest,
  digestOfCid,
  MerkleTree,
  OpenLedgerError,
  parseManifest,
} from '@openledger/protocol'
import { type PreparedCall, prepareCall } from './prepared-call.ts'
import { RIGHTS_STATEMENT } from './rights-statement.ts'

/** How long somebody else may send what a contributor signed. */
const ATTESTATION_SECONDS = 7 * 24 * 3_600

export type PreparedContribution = {
  manifestCid: string
  manifestDigest: Digest
  recordRoot: string
  recordCount: number
  sizeBytes: bigint
  call: PreparedCall
  attestation: TypedData
}

export type TypedData = {
  domain: Record<string, unknown>
  types: Record<string, { name: string; type: string }[]>
  primaryType: string
  message: Record<string, unknown>
}

/**
 * Puts a manifest into the content store and prepares what gives it to its Datanet.
 * @throws manifest.malformed
 */
export async function prepareContribution(
  deployment: Deployment,
  store: ContentStore,
  manifest: unknown,
): Promise<PreparedContribution> {
  const checked = parseManifest(ContributionManifest, canonicalJson(manifest), 'contribution manifest')
  const manifestCid = await store.putJson(checked)
  return describe(deployment, manifestCid, checked)
}

/**
 * The same for a manifest that is in the content store already: one too large for a request is uploaded first.
 * @throws content.missing, manifest.malformed
 */
export async function prepareUploadedContribution(
  deployment: Deployment,
  store: ContentStore,
  manifestCid: string,
): Promise<PreparedContribution> {
  digestOfCid(manifestCid)
  return describe(
    deployment,
    manifestCid,
    parseManifest(ContributionManifest, await store.get(manifestCid), 'contribution manifest'),
  )
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
  const { datanetId, contributor, licence, records } = manifest
  const manifestDigest = digestOfCid(manifestCid)
  const recordRoot = new MerkleTree(records.map(({ cid }) => digestOfCid(cid))).root
  const recordCount = records.length
  const sizeBytes = records.reduce((sum, record) => sum + BigInt(record.sizeBytes), 0n)
  const deadline = Math.floor(Date.now() / 1000) + ATTESTATION_SECONDS
  return {
    ...{ manifestCid, manifestDigest, recordRoot, recordCount, sizeBytes },
    call: prepareCall(
      deployment,
      'LineageRegistry',
      'contributeRecords',
      [datanetId, manifestDigest, recordRoot, recordCount, sizeBytes, licence],
      `Contributes ${recordCount} records under ${licence} to Datanet ${datanetId}, and states: ${RIGHTS_STATEMENT}`,
    ),
    attestation: {
      domain: {
        ...{ name: 'OpenLedger Lineage', version: '1', chainId: deployment.chainId },
        verifyingContract: deployment.contracts.LineageRegistry.address,
      },
      types: ATTESTATION_TYPES,
      primaryType: 'ContributionAttestation',
      message: {
        ...{
          contributor,
          datanetId,
          manifestDigest,
          recordRoot,
          recordCount,
          sizeBytes: sizeBytes.toString(),
          licence,
        },
        ...{ statement: RIGHTS_STATEMENT, deadline },
      },
    },
  }
}

/** As LineageRegistry hashes it. */
const ATTESTATION_TYPES = {
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
