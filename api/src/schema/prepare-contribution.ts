import type { ApiContext } from '../context.ts'
import {
  type PreparedContribution,
  prepareContribution,
  prepareSponsored,
  prepareUploadedContribution,
} from '../prepare/contribution.ts'
import { requireAccount } from '../session/require-account.ts'
import { unreachable } from '../sources/content.ts'

export const typeDefs = /* GraphQL */ `
  extend type Mutation {
    "Writes the manifest of a contribution into the content store and prepares what gives it to its Datanet. Signed in only, where uploads are."
    prepareContribution(manifest: ContributionManifestInput!): PreparedContribution!
    "The same for a manifest that was uploaded, which may list up to 100,000 records."
    prepareUploadedContribution(manifestCid: String!): PreparedContribution!
    "For somebody else than the contributor to send, who then pays the gas."
    prepareSponsoredContribution(
      manifestCid: String!
      "That of the attestation as it was signed, in Unix seconds."
      deadline: BigInt!
      "What eth_signTypedData_v4 returned."
      signature: Bytes!
    ): PreparedCall!
  }

  "What a contributor gives in one batch."
  input ContributionManifestInput {
    datanetId: Bytes32!
    contributor: Address!
    "SPDX expression."
    licence: String!
    "Who is to be credited."
    attribution: AttributionInput!
    "1 to 1,000; larger manifests are uploaded."
    records: [ContributedRecordInput!]!
  }

  input AttributionInput {
    "At most 256 characters."
    name: String!
    "At most 512 characters."
    url: String
  }

  input ContributedRecordInput {
    "CID of the content, as its upload gave it."
    cid: String!
    "In bytes."
    sizeBytes: Int!
    mediaType: String!
    "Where it comes from, in words; at most 512 characters."
    title: String!
  }

  "A contribution that is yet to be signed and sent."
  type PreparedContribution {
    manifestCid: String!
    "sha2-256 of the manifest."
    manifestDigest: Bytes32!
    "Merkle root of the records' digests."
    recordRoot: Bytes32!
    "Records listed."
    recordCount: Int!
    "In bytes, of all records."
    sizeBytes: BigInt!
    "For the contributor to send."
    call: PreparedCall!
    "For the contributor to sign, where somebody else sends it: JSON for eth_signTypedData_v4."
    attestation: TypedData!
  }

  "A message of EIP-712 as JSON: domain, types, primaryType and message."
  scalar TypedData
`

type Manifest = { attribution: { name: string; url?: string | null }; records: unknown[] }

export const resolvers = {
  Mutation: {
    prepareContribution: (_: unknown, { manifest }: { manifest: Manifest }, context: ApiContext) => {
      requireAccount(context)
      const { attribution, records, ...rest } = manifest
      const { name, url } = attribution
      const whole = {
        kind: 'openledger/contribution@1',
        ...rest,
        attribution: url == null ? { name } : { name, url },
        records: records.map((record) => ({ ...(record as object) })),
      }
      return context.scope.ask('content', unreachable, () =>
        prepareContribution(context.deployment, context.store, whole),
      )
    },
    prepareUploadedContribution: (_: unknown, { manifestCid }: { manifestCid: string }, context: ApiContext) =>
      read(manifestCid, context),
    prepareSponsoredContribution: async (
      _: unknown,
      { manifestCid, deadline, signature }: { manifestCid: string; deadline: string; signature: string },
      context: ApiContext,
    ) => prepareSponsored(context.deployment, await read(manifestCid, context), BigInt(deadline), signature),
  },
}

function read(manifestCid: string, { scope, deployment, store }: ApiContext): Promise<PreparedContribution> {
  return scope.ask('content', unreachable, () => prepareUploadedContribution(deployment, store, manifestCid))
}
