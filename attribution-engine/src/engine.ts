import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { HttpContentStore } from '@openledger/content-store'
import {
  type EntitySchema,
  type EntitySource,
  LineageStore,
  PostgresSource,
  readEntitySchema,
  SubgraphSource,
} from '@openledger/lineage-store'
import { OpenLedgerError } from '@openledger/protocol'
import { type Log, type RunningService, readDeployment } from '@openledger/protocol/service'
import { JsonRpcProvider, Wallet } from 'ethers'
import { AnalyticsPublisher } from './analytics/analytics-publisher.ts'
import { connectContracts } from './chain/contracts.ts'
import { EpochArchive } from './epochs/epoch-archive.ts'
import { EpochClock } from './epochs/epoch-clock.ts'
import { EpochCloser } from './epochs/epoch-closer.ts'
import { EvidenceKeeper } from './epochs/evidence-keeper.ts'
import { Journal } from './epochs/journal.ts'
import { LineageFacts } from './epochs/lineage-facts.ts'
import { OpenBases } from './epochs/open-bases.ts'
import { FeaturesKeeper } from './features/features-keeper.ts'
import { createApp } from './http/create-app.ts'
import { InfluenceMatrix } from './influence/influence-matrix.ts'
import type { EngineSettings } from './settings.ts'

/** Wires the stages in the order in which data passes them, and serves. */
export async function startEngine(settings: EngineSettings, log: Log): Promise<RunningService> {
  const deployment = await readDeployment(settings.OPENLEDGER_DEPLOYMENT)
  const provider = new JsonRpcProvider(settings.OPENLEDGER_RPC_URL, deployment.chainId, {
    staticNetwork: true,
    cacheTimeout: -1,
    polling: true,
    pollingInterval: 250,
  })
  const signer = new Wallet(settings.OPENLEDGER_KEY, provider)
  const contracts = connectContracts(deployment, signer)
  const contentStore = new HttpContentStore(settings.OPENLEDGER_CONTENT_URL)

  // chain → subgraph → lineage
  const schema = await readSchema(settings.OPENLEDGER_SCHEMA)
  const source = indexSource(readEntitySchema(schema), settings)
  const lineage = await LineageStore.open(join(settings.OPENLEDGER_STATE, 'lineage.duckdb'), { schema, source })
  const folder = join(settings.OPENLEDGER_STATE, 'analytics')
  const journal = await Journal.open(join(settings.OPENLEDGER_STATE, 'engine.duckdb'), folder)
  for (const moved of [lineage.damagedFile, journal.damagedFile]) {
    if (moved !== null) log.warn('a damaged database was moved aside and is made anew', { file: moved })
  }

  // adapter → features
  const features = new FeaturesKeeper({
    lineage,
    contentStore,
    registry: contracts.registry,
    signer,
    log,
    everyMs: settings.OPENLEDGER_SYNC_MS,
  })

  // answer → evidence
  const bases = new OpenBases(contentStore, async (modelId) => {
    const rows = await lineage.query<{ digest: `0x${string}` }>(
      'SELECT artefactDigest AS digest FROM Model WHERE id = $1',
      [modelId],
    )
    return rows[0]?.digest ?? null
  })
  const matrix = await InfluenceMatrix.open(join(settings.OPENLEDGER_STATE, 'influence.duckdb'), folder)
  const evidence = new EvidenceKeeper({
    journal,
    matrix,
    lineage,
    content: contentStore,
    makerOf: (baseModelId) => bases.makerOf(baseModelId),
  })

  // evidence → shares → tree → root
  const archive = new EpochArchive(contracts, contentStore, deployment)
  const closer = new EpochCloser({
    provider,
    deployment,
    lineage,
    facts: new LineageFacts(lineage),
    evidenceFor: async (answer) => (await evidence.of(answer)).evidence,
    contentStore,
    archive,
    journal,
    contracts,
    signer,
  })
  const clock = new EpochClock({
    lineage,
    closer,
    archive,
    journal,
    log,
    syncMs: settings.OPENLEDGER_SYNC_MS,
    epochMs: settings.OPENLEDGER_EPOCH_SECONDS * 1_000,
  })

  // lineage, shares, influence → Parquet
  const analytics = new AnalyticsPublisher({
    archive,
    journal,
    matrix,
    contentStore,
    schema,
    source,
    log,
    folder,
    everyEpochs: settings.OPENLEDGER_ANALYTICS_EPOCHS,
    everyMs: settings.OPENLEDGER_SYNC_MS,
  })

  const stages = { archive, clock, content: contentStore, contracts, evidence, journal, lineage, log, provider }
  const server = createServer(createApp(stages))
  const url = await listen(server, settings)
  clock.start()
  features.start()
  if (settings.OPENLEDGER_ANALYTICS_EPOCHS > 0) analytics.start()
  return {
    url,
    close: async () => {
      server.close()
      server.closeAllConnections()
      await features.stop()
      await analytics.stop()
      await clock.stop()
      await bases.close()
      await matrix.close()
      await journal.close()
      await lineage.close()
      await source.close()
      provider.destroy()
    },
  }
}

/** graph-node's database where it may be read: it is faster, and says in which block each row was written. */
function indexSource(schema: EntitySchema, settings: EngineSettings): EntitySource & { close(): Promise<void> } {
  const { OPENLEDGER_SUBGRAPH_URL: subgraphUrl, OPENLEDGER_RPC_URL: rpcUrl } = settings
  const databaseUrl = settings.OPENLEDGER_INDEX_DATABASE_URL
  if (databaseUrl === undefined) return new SubgraphSource({ schema, subgraphUrl, rpcUrl })
  const subgraph = /\/subgraphs\/name\/(.+?)\/?$/.exec(new URL(subgraphUrl).pathname)?.[1]
  if (subgraph === undefined) throw unnamed(subgraphUrl)
  return new PostgresSource({ schema, databaseUrl, subgraph, rpcUrl })
}

function unnamed(subgraphUrl: string): OpenLedgerError {
  return new OpenLedgerError('settings.unnamed_subgraph', 'The subgraph’s endpoint does not say its name.', {
    facts: { OPENLEDGER_SUBGRAPH_URL: subgraphUrl },
    nextStep:
      'Give the endpoint that ends in /subgraphs/name/<name>, or leave OPENLEDGER_INDEX_DATABASE_URL empty to read by GraphQL.',
  })
}

async function readSchema(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    throw new OpenLedgerError('settings.no_schema', 'The subgraph’s schema cannot be read.', {
      facts: { file },
      nextStep: 'Start the engine in the project’s folder, or set OPENLEDGER_SCHEMA to the path of schema.graphql.',
      cause,
    })
  }
}

async function listen(server: Server, settings: EngineSettings): Promise<string> {
  server.listen(settings.OPENLEDGER_PORT, settings.OPENLEDGER_HOST)
  await once(server, 'listening')
  return `http://${settings.OPENLEDGER_HOST}:${(server.address() as AddressInfo).port}`
}
