import type { ApiContext } from '../context.ts'
import type { RecordRow } from '../sources/records.ts'
import { loadDatanet } from './datanet.ts'

export const typeDefs = /* GraphQL */ `
  extend type Query {
    "A record by the digest of its content."
    record(digest: Bytes32!): Record
  }

  "One piece of content that was contributed."
  type Record {
    "sha2-256 of the content."
    digest: Bytes32!
    cid: String!
    sizeBytes: BigInt!
    mediaType: String!
    "Where it comes from, in the contributor's words."
    title: String!
    "The content when it is text of at most 64 KiB; null otherwise. Data, never markup."
    text: String
    datanet: Datanet!
    contribution: Contribution!
    contributor: Contributor!
    "SPDX expression under which it was contributed."
    licence: String!
  }
`

type Licensed = { licence: string }

export const resolvers = {
  Query: {
    record: (_: unknown, { digest }: { digest: string }, { records }: ApiContext) => records.load(digest),
  },
  Record: {
    text: ({ cid }: RecordRow, _: unknown, { texts }: ApiContext) => texts.load(cid),
    datanet: ({ datanet }: RecordRow, _: unknown, context: ApiContext) => loadDatanet(context, datanet.id),
    contribution: ({ contribution }: RecordRow, _: unknown, context: ApiContext) =>
      context.contributions.load(contribution.id),
    contributor: ({ contributor }: RecordRow) => ({ account: contributor.id }),
    licence: async ({ contribution }: RecordRow, _: unknown, context: ApiContext) =>
      ((await context.contributions.load(contribution.id)) as Licensed | null)?.licence,
  },
}
