import { join } from 'node:path'
import { QueryProcess } from '@openledger/analytics'
import { HttpContentStore } from '@openledger/content-store'
import { SubgraphSource } from '@openledger/lineage-store'
import { OpenLedgerError } from '@openledger/protocol'
import { Command } from 'commander'
import { openAnalysisFile, readSchema } from '../sql/analysis-file.ts'
import { formatRows, type RowFormat } from '../sql/format-rows.ts'
import { HELP, runPrompt } from '../sql/prompt.ts'
import { PROJECT } from '../stack/subgraph-build.ts'
import { placesOf } from './places.ts'

/** `openledger sql [query]`: questions to what the index and the engine know. Exit code 0 when answered. */
export function sqlCommand(): Command {
  return new Command('sql')
    .description('ask what the index and the engine know, in SQL; reading only')
    .argument('[query]', 'one statement; without it, a prompt opens')
    .option('--epoch <number or cid>', 'what was published as of an epoch, instead of the index as it is now')
    .option('--json', 'print an array of rows; integers of 64 bits and more are strings')
    .option('--csv', 'print comma-separated values')
    .option('--timeout <seconds>', 'a query is stopped after this time', '30')
    .option('--memory <limit>', 'most memory of a query, in MB or GB', '1GB')
    .option('--rows <count>', 'most rows of an answer', '10000')
    .option('--content-url <url>', 'content store or IPFS gateway (the local stack’s unless given)')
    .addHelpText('after', `\nIn the prompt:\n${HELP}`)
    .action(async (query: string | undefined, flags: Flags) => {
      const limits = {
        timeoutMs: whole('--timeout', flags.timeout, 86_400) * 1_000,
        maxRows: whole('--rows', flags.rows, 10_000_000),
        memoryLimit: flags.memory,
      }
      const format: RowFormat = flags.json ? 'json' : flags.csv ? 'csv' : 'table'
      const places = await placesOf()
      const { file, about } = await openAnalysisFile({
        folder: join(places.state, 'sql'),
        schema: await readSchema(PROJECT),
        source: (schema) => new SubgraphSource({ schema, subgraphUrl: places.subgraphUrl, rpcUrl: places.rpcUrl }),
        content: new HttpContentStore(flags.contentUrl ?? places.contentUrl),
        engineUrl: places.engineUrl,
        epoch: epochOf(flags.epoch),
      })
      const queries = new QueryProcess({ file, ...limits })
      const ask = async (sql: string) => {
        const result = await queries.ask(sql)
        if (result.isCut) process.stderr.write(`Only the first ${limits.maxRows} rows are shown: see --rows.\n`)
        return formatRows(result, format)
      }
      try {
        if (query !== undefined) {
          await written(await ask(query))
          return
        }
        const isTerminal = Boolean(process.stdin.isTTY && process.stdout.isTTY)
        if (isTerminal) process.stderr.write(`${about}. \`.help\` lists commands.\n`)
        await runPrompt({ input: process.stdin, output: process.stdout, ask, isTerminal })
      } finally {
        queries.close()
      }
    })
}

type Flags = {
  epoch?: string
  json?: boolean
  csv?: boolean
  timeout: string
  memory: string
  rows: string
  contentUrl?: string
}

/** Whoever ends the process next must not cut off what a pipe has not taken yet. */
function written(text: string): Promise<void> {
  return new Promise((resolve) => process.stdout.write(text, () => resolve()))
}

function epochOf(text: string | undefined): number | string | null {
  if (text === undefined) return null
  return /^[1-9][0-9]{0,8}$/.test(text) ? Number(text) : text
}

function whole(flag: string, text: string, most: number): number {
  const value = /^[0-9]{1,9}$/.test(text) ? Number(text) : 0
  if (value >= 1 && value <= most) return value
  throw new OpenLedgerError('sql.flag_malformed', 'A limit of the prompt is not what it must be.', {
    facts: { flag, value: text.slice(0, 40), most },
    nextStep: 'Give a whole number from 1.',
  })
}
