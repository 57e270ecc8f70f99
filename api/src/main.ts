import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { join, resolve } from 'node:path'
import { HttpContentStore } from '@openledger/content-store'
import { readDeployment, readSettings, runService } from '@openledger/protocol/service'
import { createApiServer } from './server.ts'
import { ApiSettings } from './settings.ts'
import { startTracing } from './tracing.ts'

/** Development chains, whose keys everybody has. */
const LOCAL_CHAIN = 31_337

await runService('api', async () => {
  const settings = readSettings(ApiSettings)
  const deployment = await readDeployment(settings.OPENLEDGER_DEPLOYMENT)
  const tracing = startTracing(settings.OTEL_EXPORTER_OTLP_ENDPOINT)
  const { server, close } = await createApiServer({
    subgraphUrl: settings.OPENLEDGER_SUBGRAPH_URL,
    engineUrl: settings.OPENLEDGER_ENGINE_URL,
    factoryUrl: settings.OPENLEDGER_FACTORY_URL,
    rpcUrl: settings.OPENLEDGER_RPC_URL,
    inferenceUrl: settings.OPENLEDGER_INFERENCE_URL,
    maxLagBlocks: settings.OPENLEDGER_MAX_LAG_BLOCKS,
    requestsPerMinute: settings.OPENLEDGER_REQUESTS_PER_MINUTE,
    trustedProxies: settings.OPENLEDGER_TRUSTED_PROXIES,
    queryTimeoutMs: settings.OPENLEDGER_QUERY_TIMEOUT_MS,
    bodyTimeoutMs: settings.OPENLEDGER_BODY_TIMEOUT_MS,
    dashboardDirectory: resolve(settings.OPENLEDGER_DASHBOARD),
    safelistOnly: settings.OPENLEDGER_SAFELIST_ONLY,
    publicUrl: settings.OPENLEDGER_PUBLIC_URL ?? null,
    uploads: settings.OPENLEDGER_UPLOADS ?? (deployment.chainId === LOCAL_CHAIN ? 'open' : 'signed-in'),
    uploadMaxBytes: settings.OPENLEDGER_UPLOAD_MAX_BYTES,
    uploadDirectory: join(settings.OPENLEDGER_STATE, 'api', 'uploads'),
    contentStore: new HttpContentStore(settings.OPENLEDGER_CONTENT_URL),
    deployment,
  })
  server.listen(settings.OPENLEDGER_PORT, settings.OPENLEDGER_HOST)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return { url: `http://${settings.OPENLEDGER_HOST}:${port}`, close: () => close().then(() => tracing.close()) }
})
