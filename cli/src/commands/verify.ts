import { setTimeout as pause } from 'node:timers/promises'
import { HttpContentStore } from '@openledger/content-store'
import { type Deployment, OpenLedgerError } from '@openledger/protocol'
import { RootCourtAbi } from '@openledger/protocol/abi'
import { readDeployment } from '@openledger/protocol/service'
import { Command } from 'commander'
import { Contract, JsonRpcProvider } from 'ethers'
import { openWallet, type SignerFlags } from '../client/wallet.ts'
import type { disputeWrongEpoch, verifyAgainstChain } from '../verify-epoch.ts'
import { placesOf } from './places.ts'

/**
 * `openledger verify <epoch>`: trusts nobody. Exit code 0 when the root follows from chain and content, 1 when not. With
 * `--watch` it stays and verifies every root that is proposed from then on: whoever has claims to lose can run one.
 */
export function verifyCommand(): Command {
  return new Command('verify')
    .description('recompute an epoch from the chain and the content store alone, and say what differs')
    .argument('[epoch]', 'number of the epoch, or "latest"')
    .option('--rpc-url <url>', 'JSON-RPC of the chain (the local stack’s unless given)')
    .option('--content-url <url>', 'content store or IPFS gateway (the local stack’s unless given)')
    .option('--deployment <file>', 'file with the contracts’ addresses (the local stack’s unless given)')
    .option('--sample <count>', 'answers that are computed again', '3')
    .option('--dispute', 'take a wrong root to court: prove what its tree shows, else challenge it under a bond')
    .option('--watch', 'verify the newest epoch and every one that is proposed from now on, until stopped')
    .option('--every <seconds>', 'with --watch: how often to look', '15')
    .option('--account <name>', 'with --dispute: a demo account of the local chain')
    .option('--keystore <file>', 'with --dispute: encrypted key file (or set OPENLEDGER_KEY)')
    .option('--no-input', 'never ask for anything: fail instead')
    .option('--json', 'print each whole report as one JSON object on stdout')
    .action(async (text: string | undefined, flags: Flags) => {
      const epoch = flags.watch && text === undefined ? 'latest' : epochOf(text ?? '')
      const places = await placesOf()
      const rpcUrl = flags.rpcUrl ?? places.rpcUrl
      const deployment = await readDeployment(flags.deployment ?? places.deploymentFile)
      const contentStore = new HttpContentStore(flags.contentUrl ?? places.contentUrl)
      // Before anything is computed: who cannot sign learns it at once.
      const key = flags.dispute ? await keyOf(flags, deployment.chainId) : null
      // The engine is large: only who verifies waits for it.
      const { disputeWrongEpoch, verifyAgainstChain } = await import('../verify-epoch.ts')
      const judge = async (which: number | 'latest') => {
        const sample = Number(flags.sample)
        const report = await verifyAgainstChain({ rpcUrl, deployment, contentStore, epoch: which, sample })
        const holds = report.reproducedRoot && report.mismatches.length === 0
        const dispute =
          holds || key === null
            ? null
            : await disputeWrongEpoch({ report, rpcUrl, deployment, contentStore, key }).catch(undisputed)
        if (flags.json) console.log(JSON.stringify({ ...report, dispute }, bigintAsText))
        else print(report, holds, dispute)
        if (!holds) process.exitCode = 1
      }
      if (flags.watch) await watch(rpcUrl, deployment, epoch, Number(flags.every) * 1_000, judge)
      else await judge(epoch)
    })
}

type Flags = SignerFlags & {
  rpcUrl?: string
  contentUrl?: string
  deployment?: string
  sample: string
  dispute?: boolean
  watch?: boolean
  every: string
  json?: boolean
}
type Report = Awaited<ReturnType<typeof verifyAgainstChain>>
type Dispute = Awaited<ReturnType<typeof disputeWrongEpoch>> | { kind: 'refused'; error: OpenLedgerError.Report }

async function keyOf(flags: SignerFlags, chainId: number): Promise<string> {
  return (await openWallet(flags, chainId)).privateKey
}

/** What keeps a dispute from being raised is said, and hides nothing of the report. */
function undisputed(error: unknown): Dispute {
  if (error instanceof OpenLedgerError) return { kind: 'refused', error: error.toJSON() }
  throw error
}

/** From `first` on, one after the other, as they are proposed. A chain that does not answer is asked again. */
async function watch(
  rpcUrl: string,
  deployment: Deployment,
  first: number | 'latest',
  everyMs: number,
  judge: (epoch: number) => Promise<void>,
): Promise<never> {
  const provider = new JsonRpcProvider(rpcUrl, deployment.chainId, { staticNetwork: true, cacheTimeout: -1 })
  const court = new Contract(deployment.contracts.RootCourt!.address, RootCourtAbi, provider)
  for (let next = first === 'latest' ? null : first; ; await pause(everyMs)) {
    try {
      const proposed = Number(await court.nextEpoch!()) - 1
      for (next ??= Math.max(proposed, 1); next <= proposed; next++) await judge(next)
    } catch (error) {
      const isPassing = error instanceof OpenLedgerError ? error.retryable : true
      if (!isPassing) throw error
      console.error(`Looking again in ${everyMs / 1_000} s: ${error instanceof Error ? error.message : error}`)
    }
  }
}

function epochOf(text: string): number | 'latest' {
  if (text === 'latest') return text
  if (/^[1-9][0-9]{0,9}$/.test(text)) return Number(text)
  throw new OpenLedgerError('verify.epoch_malformed', 'An epoch is a number from 1, or "latest".', {
    facts: { epoch: text.slice(0, 40) },
    nextStep: 'Run `npm run verify -- latest`.',
  })
}

function print(report: Report, holds: boolean, dispute: Dispute | null): void {
  for (const { name, ok, facts } of report.checks) {
    const details = Object.entries(facts).map(([fact, value]) => `${fact} ${value}`)
    console.log(`${ok ? '✓' : '✗'} ${name}${details.length > 0 ? `  (${details.join(', ')})` : ''}`)
  }
  for (const { code, message, facts } of report.mismatches) {
    console.log(`\n${code}: ${message}`)
    for (const [fact, value] of Object.entries(facts)) console.log(`  ${fact}  ${value}`)
  }
  const { epoch, root } = report
  if (holds) console.log(`\nEpoch ${epoch}: the root ${root} follows from the chain and the content store.`)
  else console.log(`\nEpoch ${epoch}: the root ${root} does NOT follow. ${nextStep(dispute)}`)
}

function nextStep(dispute: Dispute | null): string {
  switch (dispute?.kind) {
    case undefined:
      return 'Next: dispute it before its window ends, by the same command with --dispute.'
    case 'proven':
      return `Its ${dispute.fault} at ${dispute.account} was proven on chain: it is rejected (${dispute.transactions.at(-1)}).`
    case 'challenged':
      return `It is challenged under a bond of ${dispute.bondWei} wei, reason ${dispute.reasonHash} (${dispute.transactions.at(-1)}).`
    case 'refused':
      return `It could not be disputed: ${dispute.error.message} ${dispute.error.nextStep}`
  }
}

function bigintAsText(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value
}
