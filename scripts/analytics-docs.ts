/** Writes docs/analytics.md from the views' opening comments and the engine's tables: `npm run docs`. A test holds it. */
import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { ENGINE_TABLES, readViews } from '@openledger/analytics'
import { format, resolveConfig } from 'prettier'

const FILE = resolve(import.meta.dirname, '../docs/analytics.md')

const HEAD = `# Analytics

Named questions as SQL views, over two sorts of tables: what the chain says (the entities of
[schema.graphql](../schema.graphql), by their names) and what only the attribution engine knows (below). This file is made
from the sources: \`npm run docs\`.

    npx openledger sql "FROM money_total"            the index as it is now, payouts as of the newest published epoch
    npx openledger sql --epoch 3                     all as of an epoch's last block
    npx openledger sql --json "SELECT * FROM concentration"

Only reading is possible, in a process that has no files, network, extensions or settings, and that ends when a query takes
more than \`--timeout\` or \`--memory\` allows. Amounts are wei of OPEN as HUGEINT (127 bits; all OPEN together is 90 bits), so
sums are exact; no column is a floating-point number. A ratio is in parts per million, rounded down, or two integers.
Integers of the index are HUGEINT where they are amounts and BIGINT elsewhere; a column in which somebody wrote a number that
does not fit is text. Summaries whose names begin with \`_\` are inner parts.

## Published Parquet

After an epoch is proposed, the engine publishes every table and the rows of every view as of the epoch's last block:
\`GET /analytics\` of the engine lists manifests by CID, \`GET /analytics/<epoch>\` shows one. A manifest
(\`openledger/analytics@1\`) lists tables with their columns and files; a file is fetched by its CID from the content store or
any IPFS gateway. The same block and epoch give the same files, to the byte, with the same version of DuckDB.

- DuckDB, duckdb-wasm: \`SELECT sum(CAST(amount_wei AS HUGEINT)) FROM read_parquet('<file>')\`
- pandas: \`pandas.read_parquet('<file>')\` (with pyarrow) gives \`decimal.Decimal\` for amounts.

HUGEINT is stored as DECIMAL(38,0), which Parquet has; BIGINT, INTEGER, BOOLEAN, VARCHAR, DATE are stored as they are. A
value of more than 38 digits makes its column VARCHAR, and the manifest says so. Lists of the index's integers are text. Each
epoch is complete in itself; \`OPENLEDGER_ANALYTICS_EPOCHS\` of the engine says every how many epochs one is published.
`

/** docs/analytics.md as it must be. */
export async function renderAnalytics(): Promise<string> {
  const views = readViews()
  const row = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  const table = (columns: readonly { name: string; unit: string; about: string }[]) =>
    [
      '| column | unit | meaning |',
      '| --- | --- | --- |',
      ...columns.map((c) => row([`\`${c.name}\``, c.unit, c.about])),
    ].join('\n')
  const list = views.map(({ name, question }) => row([`[${name}](#${name})`, question]))
  const sections = views.map(
    ({ name, question, notes, columns }) => `### ${name}\n\n${question}\n\n${notes}\n\n${table(columns)}`,
  )
  const engine = ENGINE_TABLES.map(({ name, about, columns }) => `### ${name}\n\n${about}\n\n${table(columns)}`)
  const text = [
    HEAD.trimEnd(),
    `## Views\n\n${['| view | question |', '| --- | --- |', ...list].join('\n')}`,
    ...sections,
    '## Tables of the engine',
    ...engine,
  ].join('\n\n')
  return format(text, { ...(await resolveConfig(FILE)), parser: 'markdown' })
}

if (process.argv[1] === import.meta.filename) writeFileSync(FILE, await renderAnalytics())
