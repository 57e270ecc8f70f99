/** The api as it is served, in a process of its own. */
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createApiServer } from '@openledger/api'
import { NOWHERE, TEST_DEPLOYMENT } from '@openledger/api/testing'
import { HttpContentStore } from '@openledger/content-store'

const [indexUrl, contentUrl] = process.argv.slice(2)
const { server } = await createApiServer({
  ...{
    subgraphUrl: indexUrl!,
    engineUrl: NOWHERE,
    factoryUrl: NOWHERE,
    rpcUrl: NOWHERE,
    inferenceUrl: NOWHERE,
    publicUrl: null,
  },
  ...{ contentStore: new HttpContentStore(contentUrl!), deployment: TEST_DEPLOYMENT, maxLagBlocks: 20 },
  ...{
    requestsPerMinute: 0,
    trustedProxies: 0,
    queryTimeoutMs: 20_000,
    bodyTimeoutMs: 15_000,
    safelistOnly: false,
    dashboardDirectory: tmpdir(),
  },
  ...{ uploads: 'off', uploadMaxBytes: 1, uploadDirectory: join(tmpdir(), 'openledger-bench-uploads') },
})
server.listen(0, '127.0.0.1')
await once(server, 'listening')
process.send?.({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })
process.once('disconnect', () => process.exit(0))
