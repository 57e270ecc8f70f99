/**
 * The browser tests on a stack that runs already, for whoever works on a page:
 * `OPENLEDGER_PORT_OFFSET=0 vitest run --project browser`
 */
import { describeDashboard } from './dashboard.ts'

const offset = Number(process.env.OPENLEDGER_PORT_OFFSET ?? 0)
const at = (port: number) => `http://127.0.0.1:${port + offset}`
describeDashboard(() => ({
  urls: { api: process.env.OPENLEDGER_API_URL ?? at(4000), inference: at(4100), engine: at(4200) },
}))
