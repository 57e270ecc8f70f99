import { OpenLedgerError } from '@openledger/protocol'
import { Command } from 'commander'
import type { SettingName, Settings } from '../settings.ts'
import { readIndexHead } from '../stack/index-node.ts'
import { callRpc } from '../stack/json-rpc.ts'
import { holderOf, statePaths } from '../stack/state-directory.ts'
import { settingsOf, withSettings } from './setting-flags.ts'

type Part = { part: string; url: string; ok: boolean; detail: string }

/** `openledger status`: whether the stack of these settings runs and how far it is. Exit code 0 when all of it answers. */
export function statusCommand(): Command {
  const command = new Command('status')
    .description('say whether the stack runs, and how far chain and index are')
    .option('--json', 'print one JSON object on stdout')
    .action(async (flags: Partial<Record<SettingName, string>> & { json?: boolean }) => {
      const settings = await settingsOf(flags)
      const holder = holderOf(statePaths(settings.state).lock)
      if (holder === undefined) {
        throw new OpenLedgerError('stack.not_running', 'No stack runs on this state.', {
          facts: { state: settings.state },
          nextStep: 'Run `npm start`.',
        })
      }
      const parts = await ask(settings)
      const ok = parts.every((part) => part.ok)
      if (flags.json) process.stdout.write(`${JSON.stringify({ ok, pid: holder.pid, parts })}\n`)
      else process.stdout.write(`Stack of pid ${holder.pid} on ${settings.state}\n${parts.map(line).join('')}`)
      process.exitCode = ok ? 0 : 1
    })
  return withSettings(command)
}

function ask(settings: Settings): Promise<Part[]> {
  const at = (port: number) => `http://127.0.0.1:${port}`
  const health = (part: string, port: number) =>
    look(part, at(port), async () => {
      const { status } = await fetch(`${at(port)}/healthz`, { signal: AbortSignal.timeout(5_000) })
      if (status !== 200) throw new Error(`HTTP ${status}`)
      return 'serves'
    })
  const subgraph = `${at(settings.subgraphPort)}/subgraphs/name/subgraph-0`
  return Promise.all([
    look('chain', at(settings.chainPort), async () => {
      return `block ${Number(await callRpc<string>(at(settings.chainPort), 'eth_blockNumber'))}`
    }),
    look('index', subgraph, async () => `block ${(await readIndexHead(subgraph))?.number ?? 'none yet'}`),
    health('content-store', settings.contentPort),
    health('inference-node', settings.inferencePort),
    health('attribution-engine', settings.enginePort),
    health('model-factory', settings.factoryPort),
    health('api', settings.apiPort),
  ])
}

async function look(part: string, url: string, task: () => Promise<string>): Promise<Part> {
  try {
    return { part, url, ok: true, detail: await task() }
  } catch (error) {
    return { part, url, ok: false, detail: error instanceof Error ? error.message : String(error) }
  }
}

function line({ part, url, ok, detail }: Part): string {
  return `${ok ? '✓' : '✗'} ${part.padEnd(20)} ${url.padEnd(60)} ${detail}\n`
}
