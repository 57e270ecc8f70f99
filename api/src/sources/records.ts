import type { Entity } from '../lists/entity.ts'
import type { Subgraph } from './subgraph.ts'

export type RecordRow = {
  id: string
  digest: string
  cid: string
  sizeBytes: string
  mediaType: string
  title: string
  contribution: { id: string; blockNumber: string }
  contributor: { id: string }
  datanet: { id: string }
  standing: { withdrawnAt: string | null }
}

export const RECORD: Entity = {
  typeName: 'Record',
  listName: 'records',
  fields: `id digest cid sizeBytes mediaType title index contribution { id blockNumber } contributor { id } datanet { id }
    standing { withdrawnAt }`,
}

/** Records by digest. Where several contributions hold the same content, the first on chain stands for it. */
export async function loadRecords(subgraph: Subgraph, digests: readonly string[]): Promise<(RecordRow | null)[]> {
  const { records } = await subgraph.queryOnce<{ records: RecordRow[] }>(
    `query($block: Int!, $digests: [Bytes!]) {
      records(first: 1000, where: {digest_in: $digests}, block: {number: $block}) { ${RECORD.fields} }
    }`,
    { digests },
  )
  const earliest = new Map<string, RecordRow>()
  for (const record of records) {
    const other = earliest.get(record.digest)
    if (other === undefined || isEarlier(record, other)) earliest.set(record.digest, record)
  }
  return digests.map((digest) => earliest.get(digest) ?? null)
}

function isEarlier(a: RecordRow, b: RecordRow): boolean {
  const blocks = Number(a.contribution.blockNumber) - Number(b.contribution.blockNumber)
  return blocks < 0 || (blocks === 0 && a.id < b.id)
}
