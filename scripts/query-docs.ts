/**
 * Asks every question of docs/queries/ of the stack that runs here and writes docs/queries.md: `npm run docs:queries`, best
 * after `npm run demo`. SQL goes through `openledger sql`, GraphQL to the subgraph.
 */
import { execFile } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { format, resolveConfig } from 'prettier'
import { readSettings } from '../cli/src/settings.ts'

const root = resolve(import.meta.dirname, '..')
const folder = join(root, 'docs', 'queries')

export type Question = { file: string; kind: 'sql' | 'graphql'; question: string; query: string }

/** The questions in their order: a file's first line is its question. */
export function readQuestions(): Question[] {
  return readdirSync(folder)
    .sort()
    .map((file) => {
      const [first = '', ...rest] = readFileSync(join(folder, file), 'utf8').trim().split('\n')
      const [, question] = /^(?:--|#) (.+\?)$/.exec(first) ?? []
      if (question === undefined) throw new Error(`${file} does not open with a question`)
      return { file, kind: file.endsWith('.sql') ? 'sql' : 'graphql', question, query: rest.join('\n') }
    })
}

async function askSql(query: string): Promise<string> {
  const program = join(root, 'cli', 'bin', 'openledger.mjs')
  const { stdout } = await promisify(execFile)(process.execPath, [program, 'sql', '--csv', query], { cwd: root })
  return stdout
}

/** CSV as a Markdown table. No cell of ours holds a line break: the prompt's rows are one line each. */
function tableOf(csv: string): string {
  const rows = csv
    .trimEnd()
    .split('\r\n')
    .map((line) =>
      [...`${line},`.matchAll(/(?:"((?:[^"]|"")*)"|([^,]*)),/g)].map(([, text, bare]) =>
        (text ?? bare ?? '').replaceAll('""', '"'),
      ),
    )
  const [head = [], ...body] = rows
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...body.map(line)].join('\n')
}

async function askGraphql(query: string): Promise<string> {
  const { subgraphPort } = await readSettings()
  const response = await fetch(`http://127.0.0.1:${subgraphPort}/subgraphs/name/subgraph-0`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  })
  const { data, errors } = (await response.json()) as { data?: unknown; errors?: unknown }
  if (errors !== undefined) throw new Error(`${query}\n${JSON.stringify(errors)}`)
  return JSON.stringify(data, null, 2)
}

const HEAD = `# Questions

Real questions to a stack on which the demo has run, with their answers. SQL is asked with \`openledger sql\`
([analytics.md](analytics.md) describes views and tables), GraphQL of the subgraph. The questions are the files of
[queries/](queries); \`npm run docs:queries\` asks them again and writes this page.`

if (process.argv[1] === import.meta.filename) {
  const sections: string[] = []
  for (const [index, { kind, question, query }] of readQuestions().entries()) {
    const answer = kind === 'sql' ? tableOf(await askSql(query)) : `\`\`\`json\n${await askGraphql(query)}\n\`\`\``
    sections.push(`## ${index + 1}. ${question}\n\n\`\`\`${kind}\n${query}\n\`\`\`\n\n${answer}`)
  }
  const file = join(root, 'docs', 'queries.md')
  const text = [HEAD, ...sections].join('\n\n')
  writeFileSync(
    file,
    await format(text, { ...(await resolveConfig(file)), parser: 'markdown', embeddedLanguageFormatting: 'off' }),
  )
}
