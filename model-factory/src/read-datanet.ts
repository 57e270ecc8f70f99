import type { ClusterRecord } from '@openledger/clusters'
import type { ContentStore } from '@openledger/content-store'
import { type Digest, OpenLedgerError } from '@openledger/protocol'

const PAGE = 1000
const TIMEOUT_MS = 30_000

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

type RecordRow = {
  id: string
  digest: Digest
  cid: string
  index: number
  contributor: { id: `0x${string}` }
  contribution: { version: number; blockNumber: string; logIndex: number }
}

type ContributionRow = { version: number; blockNumber: string; recordCount: string }

/**
 * Reads a Datanet's records from the subgraph and their texts from the content store, in the order of the chain.
 *
 * @param version how many of its contributions to read at least: those that share the last one's block are read too, for a
 *   version on chain ends with its block; all that are indexed when left out
 * @throws datanet.unknown; datanet.not_indexed when the index has not read all manifests up to the version yet;
 *   index.unreachable; or what the content store throws
 */
export async function readDatanet(
  source: { subgraphUrl: string; contentStore: ContentStore },
  datanetId: string,
  version?: number,
): Promise<DatanetReading> {
  const datanet = await findDatanet(source.subgraphUrl, datanetId)
  const wanted = version ?? datanet.version
  const contributions = await listContributions(source.subgraphUrl, datanetId)
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
  const texts = await Promise.all(ordered.map(({ cid }) => source.contentStore.get(cid)))
  return {
    ...datanet,
    version: upTo,
    asOfBlock,
    records: ordered.map(({ digest, contributor, contribution }, order) => ({
      digest,
      text: new TextDecoder('utf-8', { fatal: true }).decode(texts[order]!),
      contributionId: `${datanetId}-${contribution.version}`,
      contributor: contributor.id,
      order,
    })),
  }
}

async function findDatanet(subgraphUrl: string, id: string): Promise<DatanetRow> {
  const { datanet } = await ask<{ datanet: DatanetRow | null }>(
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
    const { contributions } = await ask<{ contributions: ContributionRow[] }>(
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
    const { records } = await ask<{ records: RecordRow[] }>(
      subgraphUrl,
      `query($datanet: String!, $after: Bytes!) {
        records(first: ${PAGE}, orderBy: id, where: {datanet: $datanet, id_gt: $after}) {
          id digest cid index contributor { id } contribution { version blockNumber logIndex }
        }
      }`,
      { datanet, after },
    )
    all.push(...records.filter(({ contribution }) => contribution.version <= version))
    if (records.length < PAGE) return all
    after = records.at(-1)!.id
  }
}

async function ask<T>(subgraphUrl: string, query: string, variables: Record<string, unknown>): Promise<T> {
  let body: { data?: T; errors?: { message: string }[] }
  try {
    const response = await fetch(subgraphUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query, variables }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    body = (await response.json()) as typeof body
  } catch (cause) {
    throw unreachable('it did not answer', cause)
  }
  if (body.data === undefined) throw unreachable(body.errors?.[0]?.message ?? 'it sent no data')
  return body.data
}

function unreachable(reason: string, cause?: unknown): OpenLedgerError {
  return new OpenLedgerError('index.unreachable', 'The subgraph could not be read.', {
    facts: { reason },
    nextStep: 'Check that the stack is running and ask again.',
    retryable: true,
    cause,
  })
}
