import { z } from 'zod'
import { bytes32, cid } from './primitives.ts'

/** One Parquet file of a table. */
const AnalyticsFile = z.object({
  name: z.string().regex(/^[A-Za-z0-9_]{1,64}-[1-9][0-9]{0,5}\.parquet$/, 'must be <table>-<number>.parquet'),
  rows: z.int().min(0),
  bytes: z.int().min(1),
  cid,
  /** The digest inside the CID, as tools that know no CID want it. */
  sha256: bytes32,
})

const AnalyticsTable = z.object({
  name: z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,63}$/, 'must be a table name'),
  /** `entity`: of the index; `engine`: what only the attribution engine knows; `view`: the rows of a named question. */
  kind: z.enum(['entity', 'engine', 'view']),
  /** DuckDB's types. A file holds HUGEINT as DECIMAL(38,0): Parquet has no integers of more than 64 bits. */
  columns: z
    .array(
      z.object({
        name: z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,63}$/, 'must be a column name'),
        type: z.string().regex(/^(VARCHAR|HUGEINT|BIGINT|INTEGER|BOOLEAN|DATE)(\[\])?$/, 'must be a known type'),
      }),
    )
    .min(1),
  /** Columns that order the rows; empty for a view, which is ordered by all its columns from the first. */
  key: z.array(z.string()),
  rows: z.int().min(0),
  /** In order; none for a table without rows. */
  files: z.array(AnalyticsFile),
})

/** All that can be known as of an epoch's last block, as Parquet files by CID. */
export const AnalyticsManifest = z.object({
  kind: z.literal('openledger/analytics@1'),
  epoch: z.int().min(1),
  /** CID of the epoch's manifest. */
  epochManifest: cid,
  toBlock: z.int().min(0),
  /** Hash of `toBlock`. */
  blockHash: bytes32,
  /** sha2-256 of the shape of the index's entities: another one means other tables. */
  schemaHash: bytes32,
  tables: z.array(AnalyticsTable),
})
export type AnalyticsManifest = z.infer<typeof AnalyticsManifest>
