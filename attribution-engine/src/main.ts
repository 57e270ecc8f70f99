import { readSettings, runService } from '@openledger/protocol/service'
import { startEngine } from './engine.ts'
import { EngineSettings } from './settings.ts'

await runService('attribution-engine', (log) => startEngine(readSettings(EngineSettings), log))
