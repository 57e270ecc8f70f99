import { readSettings, runService } from '@openledger/protocol/service'
import { startFactory } from './service/factory.ts'
import { FactorySettings } from './settings.ts'

await runService('model-factory', (log) => startFactory(readSettings(FactorySettings), log))
