import type { ContentStore } from '@openledger/content-store'
import type { Deployment } from '@openledger/protocol'
import DataLoader from 'dataloader'
import { loadContribution } from './schema/datanet.ts'
import { Engine } from './sources/engine.ts'
import { type RewardRootRow, standingRoots } from './sources/epochs.ts'
import { loadRecords, type RecordRow } from './sources/records.ts'
import { Subgraph } from './sources/subgraph.ts'
import { readText } from './sources/texts.ts'

/** What the resolvers of one request share: sources pinned to one block, and loaders that ask for each thing once. */
export type ApiContext = {
  subgraph: Subgraph
  engine: Engine
  contentStore: ContentStore
  /** Text of a record by CID; null when it is not text. */
  texts: DataLoader<string, string | null>
  /** Records by digest: the first on chain stands for all that hold the same content. */
  records: DataLoader<string, RecordRow | null>
  /** Contributions by subgraph id. */
  contributions: DataLoader<string, unknown>
  /** Accounts by address. */
  accounts: DataLoader<string, AccountRow | null>
  /** Names to be credited by address; null where no contribution gives one. */
  names: DataLoader<string, string | null>
  /** Reward roots that were not rejected, newest first. */
  roots(): Promise<RewardRootRow[]>
  newestEpoch(): Promise<{ number: number; root: string } | null>
  /** Number of the chain's newest block; null when it does not answer. */
  chainHead(): Promise<number | null>
}

export type AccountRow = { id: string; contributionCount: number; recordCount: string; claimedWei: string }

export type Sources = {
  subgraphUrl: string
  engineUrl: string
  rpcUrl: string
  contentStore: ContentStore
  deployment: Deployment
}

export function createContext(sources: Sources): ApiContext {
  const subgraph = new Subgraph(sources.subgraphUrl)
  const { contentStore } = sources
  let roots: Promise<RewardRootRow[]> | undefined
  const context: ApiContext = {
    subgraph,
    contentStore,
    engine: new Engine(sources.engineUrl),
    texts: new DataLoader((cids) => Promise.all(cids.map((cid) => readText(contentStore, cid).catch(asError)))),
    records: new DataLoader((digests) => loadRecords(subgraph, digests), { maxBatchSize: 100 }),
    contributions: new DataLoader((ids) => Promise.all(ids.map((id) => loadContribution(context, id)))),
    accounts: new DataLoader((ids) => loadAccounts(subgraph, ids), { maxBatchSize: 500 }),
    names: new DataLoader((ids) => loadNames(subgraph, ids), { maxBatchSize: 100 }),
    roots: () => {
      roots ??= standingRoots(subgraph)
      return roots
    },
    newestEpoch: async () => {
      const [newest] = await context.roots()
      return newest === undefined ? null : { number: newest.epoch, root: newest.root }
    },
    chainHead: () => chainHead(sources.rpcUrl),
  }
  return context
}

async function loadAccounts(subgraph: Subgraph, ids: readonly string[]): Promise<(AccountRow | null)[]> {
  const { accounts } = await subgraph.query<{ accounts: AccountRow[] }>(
    `query($block: Int!, $ids: [Bytes!]) {
      accounts(first: 1000, where: {id_in: $ids}, block: {number: $block}) { id contributionCount recordCount claimedWei }
    }`,
    { ids },
  )
  const byId = new Map(accounts.map((account) => [account.id, account]))
  return ids.map((id) => byId.get(id) ?? null)
}

async function loadNames(subgraph: Subgraph, ids: readonly string[]): Promise<(string | null)[]> {
  type Row = { contributor: { id: string }; manifest: { attributionName: string | null } | null }
  const { contributions } = await subgraph.query<{ contributions: Row[] }>(
    `query($block: Int!, $ids: [String!]) {
      contributions(first: 1000, where: {contributor_in: $ids}, orderBy: blockNumber, block: {number: $block}) {
        contributor { id } manifest { attributionName }
      }
    }`,
    { ids },
  )
  const names = new Map<string, string>()
  for (const { contributor, manifest } of contributions) {
    if (manifest?.attributionName && !names.has(contributor.id)) names.set(contributor.id, manifest.attributionName)
  }
  return ids.map((id) => names.get(id) ?? null)
}

async function chainHead(rpcUrl: string): Promise<number | null> {
  try {
    const response = await fetch(rpcUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_blockNumber', params: [] }),
      signal: AbortSignal.timeout(2_000),
    })
    return Number(((await response.json()) as { result: string }).result)
  } catch {
    return null
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}
