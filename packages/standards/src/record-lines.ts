import type { Places, RecordFacts } from './facts.ts'
import { accountUri, contentUrl } from './places.ts'

/** Columns of records.jsonl, with what each says; Croissant's fields and the lines are made from the same list. */
export const RECORD_COLUMNS = {
  cid: 'CID of the content: CIDv1, raw, sha2-256.',
  content_url: 'Where the content is found.',
  title: 'Where it comes from, in its contributor’s words.',
  media_type: 'As its contributor states it.',
  size_bytes: 'Size, in bytes.',
  licence: 'SPDX expression under which it was contributed.',
  contributor: 'Account to which it is attributed, as a did:pkh.',
  contributor_name: 'Name to be credited.',
  contribution_transaction: 'Transaction by which it was contributed.',
  contributed_at: 'Time of that transaction.',
} as const

type Line = Record<keyof typeof RECORD_COLUMNS, string | number>

/** One line of records.jsonl, its end included. */
export function recordLine(places: Places, record: RecordFacts): string {
  const line: Line = {
    cid: record.cid,
    content_url: contentUrl(places, record.cid),
    title: record.title,
    media_type: record.mediaType,
    size_bytes: Number(record.sizeBytes),
    licence: record.licence,
    contributor: accountUri(places, record.contributor.account),
    contributor_name: record.contributor.name,
    contribution_transaction: record.contribution.transactionHash,
    contributed_at: new Date(Number(record.contribution.timestamp) * 1000).toISOString(),
  }
  return `${JSON.stringify(line)}\n`
}
