import { HttpContentStore } from '@openledger/content-store'
import { OpenLedgerError } from '@openledger/protocol'
import { readDeployment } from '@openledger/protocol/service'
import { Command } from 'commander'
import type { verifyAgainstChain } from '../verify-epoch.ts'
import { placesOf } from './places.ts'

/** `openledger verify <epoch>`: trusts nobody. Exit code 0 when the root follows from chain and content, 1 when not. */
export function verifyCommand(): Command {
  return new Command('verify')
    .description('recompute an epoch from the chain and the content store alone, and say what differs')
    .argument('<epoch>', 'number of the epoch, or "latest"')
    .option('--rpc-url <url>', 'JSON-RPC of the chain (the local stack’s unless given)')
    .option('--content-url <url>', 'content store or IPFS gateway (the local stack’s unless given)')
    .option('--deployment <file>', 'file with the contracts’ addresses (the local stack’s unless given)')
    .option('--sample <count>', 'answers that are computed again', '3')
    .option('--json', 'print the whole report as one JSON object on stdout')
    .action(async (text: string, flags: Flags) => {
      const epoch = epochOf(text)
      const places = await placesOf()
      // The engine is large: only who verifies waits for it.
      const { verifyAgainstChain } = await import('../verify-epoch.ts')
      const report = await verifyAgainstChain({
        rpcUrl: flags.rpcUrl ?? places.rpcUrl,
        deployment: await readDeployment(flags.deployment ?? places.deploymentFile),
        contentStore: new HttpContentStore(flags.contentUrl ?? places.contentUrl),
        epoch,
        sample: Number(flags.sample),
      })
      const holds = report.reproducedRoot && report.mismatches.length === 0
      if (flags.json) console.log(JSON.stringify(report, bigintAsText))
      else print(report, holds)
      process.exitCode = holds ? 0 : 1
    })
}

type Flags = { rpcUrl?: string; contentUrl?: string; deployment?: string; sample: string; json?: boolean }
type Report = Awaited<ReturnType<typeof verifyAgainstChain>>

function epochOf(text: string): number | 'latest' {
  if (text === 'latest') return text
  if (/^[1-9][0-9]{0,9}$/.test(text)) return Number(text)
  throw new OpenLedgerError('verify.epoch_malformed', 'An epoch is a number from 1, or "latest".', {
    facts: { epoch: text.slice(0, 40) },
    nextStep: 'Run `npm run verify -- latest`.',
  })
}

function print(report: Report, holds: boolean): void {
  for (const { name, ok, facts } of report.checks) {
    const details = Object.entries(facts).map(([fact, value]) => `${fact} ${value}`)
    console.log(`${ok ? '✓' : '✗'} ${name}${details.length > 0 ? `  (${details.join(', ')})` : ''}`)
  }
  for (const { code, message, facts } of report.mismatches) {
    console.log(`\n${code}: ${message}`)
    for (const [fact, value] of Object.entries(facts)) console.log(`  ${fact}  ${value}`)
  }
  console.log(
    holds
      ? `\nEpoch ${report.epoch}: the root ${report.root} follows from the chain and the content store.`
      : `\nEpoch ${report.epoch}: the root ${report.root} does NOT follow. Next: dispute it before its window ends.`,
  )
}

function bigintAsText(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value
}
