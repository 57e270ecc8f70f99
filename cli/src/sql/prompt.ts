import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { readViews } from '@openledger/analytics'
import { OpenLedgerError } from '@openledger/protocol'

export const HELP = `.tables          what the index and the engine know
.views           named questions, and what each answers
.view <name>     what a view's columns mean
.help            this list
.exit            leave
Anything else is SQL, up to a semicolon at the end of a line. DESCRIBE <table> lists columns.
`

/**
 * Reads statements and dot commands until the input ends or `.exit`. An error is shown and the prompt goes on.
 * @param ask gives a statement's rows as text
 */
export async function runPrompt({ input, output, ask, isTerminal }: Prompt): Promise<void> {
  const lines = createInterface({ input, ...(isTerminal ? { output, terminal: true } : {}) })
  const show = (isInside: boolean) => {
    if (!isTerminal) return
    lines.setPrompt(isInside ? '     …> ' : 'ledger> ')
    lines.prompt()
  }
  let statement = ''
  const finish = async () => {
    const sql = statement.trim().replace(/;$/, '')
    statement = ''
    if (sql !== '') output.write(await shown(() => ask(sql)))
  }
  lines.on('SIGINT', () => {
    statement = ''
    output.write('\n')
    show(false)
  })
  show(false)
  for await (const line of lines) {
    if (statement === '' && line.startsWith('.')) {
      if (line.trim() === '.exit') break
      output.write(await shown(() => command(line.trim(), ask)))
    } else {
      statement += `${line}\n`
      if (line.trimEnd().endsWith(';')) await finish()
    }
    show(statement.trim() !== '')
  }
  await finish()
  lines.close()
}

async function command(line: string, ask: Prompt['ask']): Promise<string> {
  const [name, argument] = line.split(/\s+/)
  const views = readViews()
  if (name === '.help') return HELP
  if (name === '.views') {
    const width = Math.max(...views.map((view) => view.name.length))
    return views.map((view) => `${view.name.padEnd(width)}  ${view.question}\n`).join('')
  }
  if (name === '.view') {
    const view = views.find((candidate) => candidate.name === argument)
    if (view !== undefined) {
      const columns = view.columns.map(({ name: column, unit, about }) => `  ${column} (${unit}): ${about}\n`)
      return `${view.question}\n${view.notes}\n${columns.join('')}`
    }
  }
  if (name === '.tables') {
    return ask(`SELECT table_name AS name, estimated_size AS rows, column_count AS columns FROM duckdb_tables()
      WHERE NOT starts_with(table_name, '_') ORDER BY name`)
  }
  throw new OpenLedgerError('sql.unknown_command', 'The prompt has no such command.', {
    facts: { command: line.slice(0, 80) },
    nextStep: '`.help` lists them.',
  })
}

async function shown(work: () => Promise<string>): Promise<string> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof OpenLedgerError)) throw error
    return `${error.toText()}\n`
  }
}

type Prompt = {
  input: Readable
  output: Writable
  ask: (sql: string) => Promise<string>
  isTerminal: boolean
}
