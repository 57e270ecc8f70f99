import { z } from 'zod'
import { address, bytes32, cid } from './primitives.ts'

export const ContributedRecord = z.object({
  cid,
  sizeBytes: z.int().min(1),
  mediaType: z.string().max(127),
  /** Where the record comes from, in words: shown to people, never interpreted. */
  title: z.string().max(512),
})
export type ContributedRecord = z.infer<typeof ContributedRecord>

/** What a contributor gives in one batch. The subgraph reads it as a file data source. */
export const ContributionManifest = z.object({
  kind: z.literal('openledger/contribution@1'),
  datanetId: bytes32,
  contributor: address,
  /** SPDX expression. */
  licence: z.string().min(1).max(128),
  /** Who is to be credited, as the licence asks. */
  attribution: z.object({ name: z.string().min(1).max(256), url: z.string().max(512).optional() }),
  records: z.array(ContributedRecord).min(1).max(100_000),
})
export type ContributionManifest = z.infer<typeof ContributionManifest>
