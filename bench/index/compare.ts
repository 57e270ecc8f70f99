import { query } from '@openledger/cli/stack'
import type { Indexed } from './ours.ts'

type Column = { table: string; column: string; type: string; nullable: boolean }

/** For each of the peer's tables: how many rows it has. @throws where one is not, row by row, what ours is */
export async function compare(ours: Indexed, peer: Indexed): Promise<Map<string, number>> {
  const [ourColumns, peerColumns] = await Promise.all([columnsOf(ours), columnsOf(peer)])
  const counts = new Map<string, number>()
  const wrong: string[] = []
  for (const table of [...new Set(peerColumns.map(({ table }) => table))].sort()) {
    // The two name a column with a digit in it differently.
    const pairs = peerColumns
      .filter((column) => column.table === table)
      .map(({ column, type }) => ({
        peer: { column, type },
        ours: ourColumns.find((ours) => ours.table === table && plain(ours.column) === plain(column)),
      }))
    const missing = pairs.filter(({ ours }) => ours === undefined).map(({ peer }) => peer.column)
    if (missing.length > 0) throw new Error(`We have no ${missing.join(', ')} in ${table}.`)
    const isCurrent = ourColumns.some(({ table: other, column }) => other === table && column === 'block_range')
      ? 'upper_inf(block_range)'
      : 'true'
    const [left, right] = await Promise.all([
      digestOf(
        ours,
        table,
        pairs.map(({ ours }) => ours!),
        isCurrent,
      ),
      digestOf(
        peer,
        table,
        pairs.map(({ peer }) => peer),
        'true',
      ),
    ])
    counts.set(table, left.rows)
    if (left.rows !== right.rows) wrong.push(`${table}: ${left.rows} rows, the peer ${right.rows}`)
    else
      for (const [i, pair] of pairs.entries())
        if (left.digests[i] !== right.digests[i]) wrong.push(`${table}.${pair.peer.column} differs`)
  }
  if (wrong.length > 0) throw new Error(`The indexes differ:\n${wrong.join('\n')}`)
  return counts
}

/** Tables that came with the tool itself are not the index. */
async function columnsOf({ databaseUrl, schema }: Indexed): Promise<Column[]> {
  return query<Column>(
    databaseUrl,
    `SELECT c.table_name AS table, c.column_name AS column, c.udt_name AS type
       FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)
      WHERE c.table_schema = '${schema}' AND t.table_type = 'BASE TABLE' AND c.table_name NOT LIKE '\\_%'
      ORDER BY 1, c.ordinal_position`,
  )
}

/** A digest of each column, its values in the order of the ids. */
async function digestOf(
  { databaseUrl, schema }: Indexed,
  table: string,
  columns: { column: string; type: string }[],
  where: string,
): Promise<{ rows: number; digests: string[] }> {
  const idType = columns.find(({ column }) => column === 'id')!.type
  const digests = columns.map(
    ({ column, type }, i) =>
      `md5(string_agg(coalesce(${textOf(column, type)}, 'null'), ',' ORDER BY ${textOf('id', idType)} COLLATE "C")) AS d${i}`,
  )
  const [row] = await query<Record<string, string>>(
    databaseUrl,
    `SELECT count(*)::int AS rows, ${digests.join(', ')} FROM "${schema}"."${table}" WHERE ${where}`,
  )
  return { rows: Number(row!.rows), digests: columns.map((_, i) => row![`d${i}`]!) }
}

function textOf(column: string, type: string): string {
  return type === 'bytea' ? `'0x' || encode("${column}", 'hex')` : `"${column}"::text`
}

function plain(column: string): string {
  return column.replaceAll('_', '')
}
