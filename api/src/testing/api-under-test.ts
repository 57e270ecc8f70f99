import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { DiskContentStore } from '@openledger/content-store'
import { CONTRACT_NAMES, type Deployment } from '@openledger/protocol'
import { type ApiServerOptions, createApiServer } from '../server.ts'
import type { StoredRow } from './entity-rows.ts'
import { IndexStandIn } from './index-stand-in.ts'

/** A port on which nothing listens: connections are refused at once. */
export const NOWHERE = 'http://127.0.0.1:9'

/** 32 bytes that count up. */
export const word = (n: number): `0x${string}` => `0x${n.toString(16).padStart(64, '0')}`
/** 20 bytes that count up. */
export const account = (n: number): `0x${string}` => `0x${n.toString(16).padStart(40, '0')}`

export const TEST_DEPLOYMENT = {
  chainId: 31337,
  network: 'test',
  startBlock: 1,
  contracts: Object.fromEntries(CONTRACT_NAMES.map((name, i) => [name, { address: account(0xc000 + i), block: 0 }])),
} as Deployment

/** An api that listens, before an index in memory at block 7 and a content store of its own. */
export async function startApiUnderTest(
  rows: Record<string, StoredRow[]> = {},
  options: Partial<ApiServerOptions> = {},
): Promise<ApiUnderTest> {
  const directory = await mkdtemp(join(tmpdir(), 'openledger-api-'))
  const index = new IndexStandIn(rows, { number: 7, hash: word(7), timestamp: 1_790_000_000 })
  const served = await index.listen()
  const contentStore = new DiskContentStore(join(directory, 'content'))
  const dashboardDirectory = join(directory, 'dashboard')
  await writeBuild(dashboardDirectory)
  const { server, close } = await createApiServer({
    subgraphUrl: served.url,
    engineUrl: NOWHERE,
    factoryUrl: NOWHERE,
    rpcUrl: NOWHERE,
    inferenceUrl: NOWHERE,
    contentStore,
    deployment: TEST_DEPLOYMENT,
    maxLagBlocks: 5,
    requestsPerMinute: 0,
    trustedProxies: 0,
    queryTimeoutMs: 10_000,
    bodyTimeoutMs: 10_000,
    dashboardDirectory,
    safelistOnly: false,
    publicUrl: null,
    uploads: 'open',
    uploadMaxBytes: 10_000_000,
    uploadDirectory: join(directory, 'uploads'),
    ...options,
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url,
    index,
    contentStore,
    uploadDirectory: join(directory, 'uploads'),
    ask: (query, variables = {}) => askApi(url, query, variables),
    close: async () => {
      server.closeAllConnections()
      await close()
      served.close()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

/** The least that a build of the dashboard holds. */
async function writeBuild(folder: string): Promise<void> {
  const files = {
    'index.html': '<!doctype html><title>page</title><script type="module" src="/assets/index-1.js"></script>',
    'assets/index-1.js': 'document.title = "runs"',
    'assets/index-1.js.gz': gzipSync('document.title = "runs"'),
    'secret.txt': 'of no type that is served',
    'operations/overview.graphql': '{ _meta { block } answers(first: 5) { nodes { receiptHash } } }',
  }
  for (const [file, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, file)), { recursive: true })
    await writeFile(join(folder, file), text)
  }
}

// biome-ignore lint/suspicious/noExplicitAny: what comes back is what the test asserts.
export type Answered = { status: number; body: { data?: any; errors?: any[]; extensions?: any } }

export type ApiUnderTest = {
  url: string
  index: IndexStandIn
  contentStore: DiskContentStore
  /** Where uploads lie until they are whole. */
  uploadDirectory: string
  ask(query: string, variables?: Record<string, unknown>): Promise<Answered>
  close(): Promise<void>
}

export async function askApi(url: string, query: string, variables: Record<string, unknown> = {}): Promise<Answered> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  })
  return { status: response.status, body: (await response.json()) as Answered['body'] }
}
