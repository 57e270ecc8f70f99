import type { AgentFacts, ContributionFacts, DatanetFacts, RecordFacts } from '@openledger/standards'
import { parse } from 'graphql'
import { missingThing } from './missing-thing.ts'
import type { ExportReader } from './reader.ts'

const PAGE = 100

const DATANET = parse(/* GraphQL */ `
  query ($id: Bytes32!) {
    _meta { block }
    datanet(id: $id) { id name modality owner licence licenceFlags royaltyPpm version timestamp }
  }
`)

const RECORDS = parse(/* GraphQL */ `
  query ($id: Bytes32!, $first: Int!, $after: String) {
    _meta { block }
    datanet(id: $id) {
      records(first: $first, after: $after) {
        nodes {
          digest cid sizeBytes mediaType title licence withdrawnAt
          contributor { account name }
          contribution { transactionHash timestamp }
        }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
`)

const CONTRIBUTIONS = parse(/* GraphQL */ `
  query ($id: Bytes32!, $first: Int!, $after: String) {
    _meta { block }
    datanet(id: $id) {
      contributions(first: $first, after: $after) {
        nodes { manifestCid isManifestFound withdrawnAt }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
`)

type Page<T> = { nodes: T[]; pageInfo: { hasNextPage: boolean; endCursor: string | null } }

/** @throws export.unknown */
export async function readDatanet(reader: ExportReader, id: string): Promise<DatanetFacts> {
  const { datanet } = await reader.read<{ datanet: DatanetFacts | null }>(DATANET, { id })
  if (datanet === null) throw missingThing('Datanet', id)
  return { ...datanet, timestamp: Number(datanet.timestamp) }
}

/** Records to whose use their contributors agree, by digest. */
export async function* readRecords(reader: ExportReader, id: string): AsyncGenerator<RecordFacts> {
  const pages = pagesOf<RecordFacts & { withdrawnAt: string | null }>((after) =>
    reader
      .read<{ datanet: { records: Page<RecordFacts & { withdrawnAt: string | null }> } }>(RECORDS, {
        id,
        first: PAGE,
        after,
      })
      .then(({ datanet }) => datanet.records),
  )
  for await (const { withdrawnAt, ...record } of pages) if (withdrawnAt === null) yield record
}

/** Manifests that are found and stand, by version. */
export async function readManifests(reader: ExportReader, id: string): Promise<string[]> {
  const pages = pagesOf<ContributionFacts>((after) =>
    reader
      .read<{ datanet: { contributions: Page<ContributionFacts> } }>(CONTRIBUTIONS, { id, first: PAGE, after })
      .then(({ datanet }) => datanet.contributions),
  )
  const cids: string[] = []
  for await (const { manifestCid, isManifestFound, withdrawnAt } of pages) {
    if (isManifestFound && withdrawnAt === null) cids.push(manifestCid)
  }
  return [...new Set(cids)]
}

/** Who contributed records, those with most first. */
export class ContributorCount {
  readonly #counts = new Map<string, AgentFacts & { records: number }>()

  add({ contributor }: RecordFacts): void {
    const known = this.#counts.get(contributor.account)
    if (known === undefined) this.#counts.set(contributor.account, { ...contributor, records: 1 })
    else known.records += 1
  }

  get sorted(): (AgentFacts & { records: number })[] {
    return [...this.#counts.values()].sort((a, b) => b.records - a.records || (a.account < b.account ? -1 : 1))
  }
}

async function* pagesOf<T>(read: (after: string | null) => Promise<Page<T>>): AsyncGenerator<T> {
  let after: string | null = null
  do {
    const { nodes, pageInfo }: Page<T> = await read(after)
    yield* nodes
    after = pageInfo.hasNextPage ? pageInfo.endCursor : null
  } while (after !== null)
}
