import { z } from 'zod'
import { canonicalJson } from '../canonical-json.ts'
import { OpenLedgerError } from '../error.ts'
import { parseManifest } from './parse.ts'
import { address, bytes32, cid } from './primitives.ts'

export const ContributedRecord = z.object({
  cid,
  sizeBytes: z.int().min(1),
  mediaType: z.string().max(127),
  /** Where the record comes from, in words: shown to people, never interpreted. */
  title: z.string().max(512),
})
export type ContributedRecord = z.infer<typeof ContributedRecord>

/** Greatest manifest that the subgraph reads, bytes: reading one holds the index back. Who has more contributes several times. */
const MAX_BYTES = 4_000_000

/** What a contributor gives in one batch, as JSON of at most 4,000,000 bytes. The subgraph reads it as a file. */
export const ContributionManifest = z.object({
  kind: z.literal('openledger/contribution@1'),
  datanetId: bytes32,
  contributor: address,
  /** SPDX expression. */
  licence: z.string().min(1).max(128),
  /** Who is to be credited, as the licence asks. */
  attribution: z.object({ name: z.string().min(1).max(256), url: z.string().max(512).optional() }),
  records: z.array(ContributedRecord).min(1).max(20_000),
})
export type ContributionManifest = z.infer<typeof ContributionManifest>

/**
 * The bytes of a manifest whose digest is contributed.
 * @throws what `readContribution` throws
 */
export function encodeContribution(manifest: unknown): Uint8Array {
  const bytes = canonicalJson(manifest)
  readContribution(bytes)
  return bytes
}

/** @throws manifest.malformed; contribution.too_great: the index would keep the contribution without its records */
export function readContribution(bytes: Uint8Array): ContributionManifest {
  if (bytes.length > MAX_BYTES) {
    throw new OpenLedgerError(
      'contribution.too_great',
      'The manifest of the contribution is greater than the index reads.',
      {
        facts: { bytes: bytes.length, maxBytes: MAX_BYTES },
        nextStep: 'Contribute the records in several batches.',
      },
    )
  }
  return parseManifest(ContributionManifest, bytes, 'contribution manifest')
}
