/** The factory: runs and their queue in Postgres, workers that train, the order book on chain, HTTP in front. */
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { HttpContentStore } from '@openledger/content-store'
import { parseOpen } from '@openledger/protocol'
import { type Log, type RunningService, readDeployment } from '@openledger/protocol/service'
import { JsonRpcProvider, Wallet } from 'ethers'
import { Pool } from 'pg'
import { OrderBook } from '../chain/order-book.ts'
import { Registrar } from '../chain/registrar.ts'
import { RunQueue } from '../jobs/queue.ts'
import { RunStore } from '../jobs/run-store.ts'
import { startWorker } from '../jobs/worker.ts'
import type { FactorySettings } from '../settings.ts'
import { createApp } from './create-app.ts'

/** How long a run may take to notice that the service ends: its processes are killed at once. */
const ENDING_MS = 5_000

export async function startFactory(settings: FactorySettings, log: Log): Promise<RunningService> {
  const deployment = await readDeployment(settings.OPENLEDGER_DEPLOYMENT)
  const state = settings.OPENLEDGER_STATE
  await mkdir(state, { recursive: true })
  const pool = new Pool({ connectionString: settings.OPENLEDGER_FACTORY_DATABASE_URL, max: 8 })
  // An idle connection that breaks is reported here; the next query opens another.
  pool.on('error', (error) => log.warn('a database connection broke', { reason: error.message }))
  const store = await RunStore.open(pool)
  const queue = await RunQueue.open(settings.OPENLEDGER_FACTORY_DATABASE_URL, log)
  const provider = new JsonRpcProvider(settings.OPENLEDGER_RPC_URL, deployment.chainId, {
    staticNetwork: true,
    cacheTimeout: -1,
    pollingInterval: 500,
  })
  const signer = new Wallet(settings.OPENLEDGER_KEY, provider)
  const contentUrl = settings.OPENLEDGER_CONTENT_URL
  const subgraphUrl = settings.OPENLEDGER_SUBGRAPH_URL
  const weiPerMillionTokens = parseOpen(settings.OPENLEDGER_FACTORY_PRICE_OPEN)
  const registrar = new Registrar(deployment, signer, parseOpen(settings.OPENLEDGER_FACTORY_STAKE_OPEN), log)
  const enqueue = async (run: string) => store.setQueueId(run, await queue.add(run))
  const ending = new AbortController()
  const orders = new OrderBook({
    ...{ deployment, signer, store, registrar, enqueue, subgraphUrl, contentUrl, weiPerMillionTokens, log },
    contentStore: new HttpContentStore(contentUrl),
  })
  const worker = await workerName(state)
  const workers = settings.OPENLEDGER_FACTORY_WORKERS
  if (workers > 0) {
    const place = { store, registrar, worker, folder: join(state, 'runs'), subgraphUrl, contentUrl, log }
    await startWorker(place, queue, workers, ending.signal)
  }
  const following = orders.follow(ending.signal)
  const app = createApp({
    ...{ store, enqueue, subgraphUrl, contentUrl, weiPerMillionTokens, log, ending: ending.signal },
    maxWaiting: settings.OPENLEDGER_FACTORY_MAX_WAITING,
    agent: async () => (await registrar.agent())?.id ?? null,
  })
  const server = app.listen(settings.OPENLEDGER_PORT, settings.OPENLEDGER_HOST)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://${settings.OPENLEDGER_HOST}:${port}`,
    close: async () => {
      ending.abort()
      server.close()
      server.closeAllConnections()
      await queue.close(ENDING_MS)
      await following
      await pool.end()
      provider.destroy()
    },
  }
}

/** The same over restarts, so that a worker knows which runs it held when it was killed. */
async function workerName(state: string): Promise<string> {
  const file = join(state, 'worker')
  const known = await readFile(file, 'utf8').catch(() => '')
  if (known !== '') return known
  const name = randomUUID()
  await writeFile(file, name)
  return name
}
