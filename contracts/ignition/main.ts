/** `npm run deploy`: the addresses as JSON on stdout, what went wrong on stderr. */
import { OpenLedgerError } from '@openledger/protocol'
import { deploy } from './deploy.ts'
import { firstAccount, rpcProvider } from './rpc-provider.ts'
import { readSettings, USAGE } from './settings.ts'

async function main(): Promise<void> {
  const flags = process.argv.slice(2)
  if (flags.includes('--help')) {
    process.stdout.write(`${USAGE}\n`)
    return
  }
  const settings = await readSettings(flags, process.env, (rpcUrl) => firstAccount(rpcProvider(rpcUrl)))
  const deployment = await deploy(settings)
  process.stdout.write(`${JSON.stringify(deployment)}\n`)
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof OpenLedgerError ? error.toText() : String(error)}\n`)
  process.exitCode = 1
})
