import type { FileContentStore } from '@openledger/content-store'
import type { Deployment } from '@openledger/protocol'
import DataLoader from 'dataloader'
import { RowsById } from './lists/load-by-id.ts'
import { Outages } from './outages/outages.ts'
import { RequestScope } from './outages/request-scope.ts'
import type { UploadPolicy } from './session/require-account.ts'
import { ChainHead } from './sources/chain-head.ts'
import { Content } from './sources/content.ts'
import { Engine } from './sources/engine.ts'
import { type RewardRootRow, standingRoots } from './sources/epochs.ts'
import { Factory } from './sources/factory.ts'
import { IndexHead } from './sources/index-head.ts'
import { KnownAnswers } from './sources/known-answers.ts'
import { loadNames } from './sources/names.ts'
import { loadRecords, type RecordRow } from './sources/records.ts'
import { Subgraph } from './sources/subgraph.ts'
import { readText } from './sources/texts.ts'

/** What the resolvers of one request share: sources pinned to one block, and loaders that ask for each thing once. */
export type ApiContext = {
  scope: RequestScope
  subgraph: Subgraph
  engine: Engine
  factory: Factory
  content: Content
  /** Rows of any entity, by id. */
  rows: RowsById
  /** Text of a record by CID; null when it is not text. */
  texts: DataLoader<string, string | null>
  /** Records by digest: the first on chain stands for all that hold the same content. */
  records: DataLoader<string, RecordRow | null>
  /** Names to be credited by address; null where no contribution gives one. */
  names: DataLoader<string, string | null>
  /** Reward roots that were not rejected, newest first. */
  roots(): Promise<RewardRootRow[]>
  newestEpoch(): Promise<{ number: number; root: string } | null>
  chainHead: ChainHead
  inferenceUrl: string
  deployment: Deployment
  /** Where prepared manifests are kept. */
  store: FileContentStore
  /** Address that signed in; null for everybody else. */
  account: string | null
  uploads: UploadPolicy
}

export type Sources = {
  subgraphUrl: string
  engineUrl: string
  factoryUrl: string
  rpcUrl: string
  inferenceUrl: string
  contentStore: FileContentStore
  deployment: Deployment
  /** Who may write content. */
  uploads: UploadPolicy
  /** A request is given up after this time. */
  queryTimeoutMs: number
}

/** What all requests share: the heads of index and chain, what is known of past blocks, and which sources are down. */
export function createContexts(sources: Sources): (account: string | null) => ApiContext {
  const outages = new Outages()
  const head = new IndexHead(sources.subgraphUrl)
  const chainHead = new ChainHead(sources.rpcUrl)
  const known = new KnownAnswers()
  return (account) => {
    const scope = new RequestScope(outages, sources.queryTimeoutMs)
    const { startBlock } = sources.deployment
    const subgraph = new Subgraph({ url: sources.subgraphUrl, scope, head, known, startBlock })
    const content = new Content(sources.contentStore, scope)
    let roots: Promise<RewardRootRow[]> | undefined
    const context: ApiContext = {
      scope,
      subgraph,
      content,
      engine: new Engine(sources.engineUrl, scope),
      factory: new Factory(sources.factoryUrl, scope),
      rows: new RowsById(subgraph),
      texts: new DataLoader((cids) => Promise.all(cids.map((cid) => readText(content, cid).catch(asError)))),
      records: new DataLoader(
        (digests) => subgraph.readEach('digest', digests, (asked) => loadRecords(subgraph, asked)),
        { maxBatchSize: 100 },
      ),
      names: new DataLoader((ids) => subgraph.readEach('name', ids, (asked) => loadNames(subgraph, asked)), {
        maxBatchSize: 100,
      }),
      roots: () => {
        roots ??= standingRoots(subgraph)
        return roots
      },
      newestEpoch: async () => {
        const [newest] = await context.roots()
        return newest === undefined ? null : { number: newest.epoch, root: newest.root }
      },
      chainHead,
      inferenceUrl: sources.inferenceUrl,
      deployment: sources.deployment,
      store: sources.contentStore,
      account,
      uploads: sources.uploads,
    }
    return context
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}
