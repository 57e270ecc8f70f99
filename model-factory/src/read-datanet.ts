import type { ClusterRecord } from '@openledger/clusters'
import type { ContentStore } from '@openledger/content-store'
import { type Digest, OpenLedgerError } from '@openledger/protocol'
import type { RawRecord } from './preflight/preflight.ts'
import { askSubgraph } from './subgraph.ts'

const PAGE = 1000

/** A Datanet as the index knows it, with the texts of its records up to the end of a block. */
export type DatanetReading = {
  id: `0x${string}`
  name: string
  /** Contributions that it had then. */
  version: number
  /** The block, which is how the chain names a version: that of the last contribution. */
  asOfBlock: number
  licence: string
  licenceFlags: number
  records: ClusterRecord[]
}

type DatanetRow = Omit<DatanetReading, 'records' | 'asOfBlock'>

/** The same with the records' bytes as the content store gives them, or null where it does not have them. */
export type RawDatanet = Omit<DatanetReading, 'records'> & { records: RawRecord[] }

type RecordRow = {
  id: string
  digest: Digest
  cid: string
  index: number
  contributor: { id: `0x${string}` }
  contribution: { version: number; blockNumber: string; logIndex: number; licence: string }
}

type ContributionRow = { version: number; blockNumber: string; recordCount: string }

type Source = { subgraphUrl: string; contentStore: ContentStore }

/** How much of a Datanet: so many contributions at least, or all up to the end of a block. */
type Extent = number | { asOfBlock: number }

/**
 * Reads a Datanet's records from the subgraph and their texts from the content store, in the order of the chain.
 *
 * @param extent contributions that share the last one's block are read too, for a version on chain ends with its block; all
 *   that are indexed when left out
 * @throws datanet.unknown; datanet.not_indexed when the index has not read all manifests up to the version yet;
 *   datanet.record_unreadable for one that is no UTF-8; index.unreachable; or what the content store throws
 */
export async function readDatanet(source: Source, datanetId: string, extent?: Extent): Promise<DatanetReading> {
  const { rows, ...datanet } = await readRows(source, datanetId, extent)
  const contents = await Promise.all(rows.map(({ cid }) => source.contentStore.get(cid)))
  return {
    ...datanet,
    records: rows.map((row, order) => ({
      ...placeOf(row, datanet.id, order),
      text: textOf(row.digest, contents[order]!),
    })),
  }
}

/**
 * The same for who looks at each record before reading it: nothing is decoded, and what is missing is null.
 *
 * @throws as `readDatanet`, but for records that are missing or no text
 */
export async function readRawDatanet(source: Source, datanetId: string, extent?: Extent): Promise<RawDatanet> {
  const { rows, ...datanet } = await readRows(source, datanetId, extent)
  const contents = await Promise.all(
    rows.map(({ cid }) =>
      source.contentStore.get(cid).catch((error: unknown) => {
        if (error instanceof OpenLedgerError && error.code === 'content.missing') return null
        throw error
      }),
    ),
  )
  return {
    ...datanet,
    records: rows.map((row, order) => ({
      ...placeOf(row, datanet.id, order),
      datanet: datanet.id,
      licence: row.contribution.licence,
      place: [Number(row.contribution.blockNumber), row.contribution.logIndex, row.index],
      bytes: contents[order]!,
    })),
  }
}

function placeOf({ digest, contributor, contribution }: RecordRow, datanetId: string, order: number) {
  return { digest, contributionId: `${datanetId}-${contribution.version}`, contributor: contributor.id, order }
}

function textOf(digest: Digest, bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw new OpenLedgerError('datanet.record_unreadable', 'A record is no text: it is not UTF-8.', {
      facts: { digest },
      nextStep: 'Look at it with `openledger train preflight`, which leaves such records out.',
      cause,
    })
  }
}

async function readRows(
  source: Source,
  datanetId: string,
  extent?: Extent,
): Promise<DatanetRow & { asOfBlock: number; rows: RecordRow[] }> {
  const datanet = await findDatanet(source.subgraphUrl, datanetId)
  const contributions = await listContributions(source.subgraphUrl, datanetId)
  const wanted =
    typeof extent === 'object'
      ? contributions.filter(({ blockNumber }) => Number(blockNumber) <= extent.asOfBlock).length
      : (extent ?? datanet.version)
  const asOfBlock = Number(contributions[wanted - 1]?.blockNumber ?? 0)
  const used = contributions.filter(({ blockNumber }) => Number(blockNumber) <= asOfBlock)
  const upTo = Math.max(wanted, used.length)
  const expected = used.reduce((sum, { recordCount }) => sum + Number(recordCount), 0)
  const rows = await listRecords(source.subgraphUrl, datanetId, upTo)
  if (upTo > contributions.length || rows.length < expected) {
    throw new OpenLedgerError('datanet.not_indexed', 'The index has not read this version of the Datanet yet.', {
      facts: {
        datanet: datanetId,
        version: upTo,
        indexedVersion: contributions.length,
        records: rows.length,
        expected,
      },
      nextStep: 'Wait a few blocks and ask again; if it stays, a contribution manifest is missing or malformed.',
      retryable: true,
    })
  }
  const ordered = rows.sort(
    (a, b) =>
      Number(a.contribution.blockNumber) - Number(b.contribution.blockNumber) ||
      a.contribution.logIndex - b.contribution.logIndex ||
      a.index - b.index,
  )
  return { ...datanet, version: upTo, asOfBlock, rows: ordered }
}

async function findDatanet(subgraphUrl: string, id: string): Promise<DatanetRow> {
  const { datanet } = await askSubgraph<{ datanet: DatanetRow | null }>(
    subgraphUrl,
    'query($id: Bytes!) { datanet(id: $id) { id name version licence licenceFlags } }',
    { id },
  )
  if (datanet !== null) return datanet
  throw new OpenLedgerError('datanet.unknown', 'The index knows no such Datanet.', {
    facts: { datanet: id.slice(0, 80) },
    nextStep: 'Check the id; a Datanet made a moment ago appears with the next block.',
    retryable: true,
  })
}

/** All contributions in the order of the chain, with the records that their events state. */
async function listContributions(subgraphUrl: string, datanet: string): Promise<ContributionRow[]> {
  const all: ContributionRow[] = []
  for (;;) {
    const { contributions } = await askSubgraph<{ contributions: ContributionRow[] }>(
      subgraphUrl,
      `query($datanet: String!, $after: Int!) {
        contributions(first: ${PAGE}, orderBy: version, where: {datanet: $datanet, version_gt: $after}) {
          version blockNumber recordCount
        }
      }`,
      { datanet, after: all.length },
    )
    all.push(...contributions)
    if (contributions.length < PAGE) return all
  }
}

async function listRecords(subgraphUrl: string, datanet: string, version: number): Promise<RecordRow[]> {
  const all: RecordRow[] = []
  let after = '0x'
  for (;;) {
    const { records } = await askSubgraph<{ records: RecordRow[] }>(
      subgraphUrl,
      `query($datanet: String!, $after: Bytes!) {
        records(first: ${PAGE}, orderBy: id, where: {datanet: $datanet, id_gt: $after}) {
          id digest cid index contributor { id } contribution { version blockNumber logIndex licence }
        }
      }`,
      { datanet, after },
    )
    all.push(...records.filter(({ contribution }) => contribution.version <= version))
    if (records.length < PAGE) return all
    after = records.at(-1)!.id
  }
}
