import { join } from 'node:path'
import { readSettings, runService } from '@openledger/protocol/service'
import { z } from 'zod'
import { DEFAULT_MAX_BYTES } from './content-store.ts'
import { DiskContentStore } from './disk-content-store.ts'
import { startContentServer } from './server.ts'

const Settings = z.object({
  OPENLEDGER_STATE: z.string().default('.openledger').describe('Directory of all state; the content lies in content/.'),
  OPENLEDGER_PORT: z.coerce.number().int().min(0).max(65_535).default(5001).describe('Port to listen on.'),
  OPENLEDGER_HOST: z.string().default('127.0.0.1').describe('Address to listen on.'),
  OPENLEDGER_CONTENT_MAX_BYTES: z.coerce.number().int().min(1).default(DEFAULT_MAX_BYTES).describe('Largest content.'),
})

await runService('content-store', async () => {
  const settings = readSettings(Settings)
  const maxBytes = settings.OPENLEDGER_CONTENT_MAX_BYTES
  const store = new DiskContentStore(join(settings.OPENLEDGER_STATE, 'content'), { maxBytes })
  await store.clean()
  return startContentServer(store, { port: settings.OPENLEDGER_PORT, host: settings.OPENLEDGER_HOST, maxBytes })
})
