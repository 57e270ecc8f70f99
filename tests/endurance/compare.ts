import { query } from '@openledger/cli/stack'
import type { LineageStore } from '@openledger/lineage-store'
import { entities } from './mirror.ts'

/** Rows as text, by table, in one order: equal exactly when the tables are. */
export type Content = ReadonlyMap<string, readonly string[]>

/** Tables that hold what graph-node has to do, not what it found. */
const INTERNAL = ['data_sources$', 'poi2$']

/**
 * All rows of a subgraph, every version with its blocks, as Postgres words them. Where a row came from a file it says
 * nothing of blocks: such rows appear with whatever block comes after the file was read. What is searched is compared by its
 * words, not by their places: graph-node puts a text's fields one after another in an order that each deployment has anew.
 */
export async function subgraphContent(databaseUrl: string): Promise<Content> {
  const [place] = await query<{ name: string }>(databaseUrl, 'SELECT name FROM public.deployment_schemas')
  const columns = await query<{ table: string; columns: string[]; searched: string[] }>(
    databaseUrl,
    `SELECT table_name AS "table", array_agg(column_name::text) AS columns,
        coalesce(array_agg(column_name::text) FILTER (WHERE udt_name = 'tsvector'), '{}') AS searched
      FROM information_schema.columns WHERE table_schema = '${place!.name}' GROUP BY 1 ORDER BY 1`,
  )
  const content = new Map<string, string[]>()
  for (const { table, columns: names, searched } of columns.filter(({ table: name }) => !INTERNAL.includes(name))) {
    const hidden = names.includes('causality_region') ? ['vid', 'block$', 'block_range', 'causality_region'] : ['vid']
    const words = searched.map((name) => `'${name}', strip("${name}")`).join(', ')
    const rows = await query<{ row: string }>(
      databaseUrl,
      `SELECT (to_jsonb(t) - '{${hidden.join(',')}}'::text[] || jsonb_build_object(${words}))::text AS row
        FROM "${place!.name}"."${table}" AS t`,
    )
    content.set(table, rows.map(({ row }) => row).sort())
  }
  return content
}

/**
 * All rows of a mirror. One made by GraphQL stamps rows with the blocks at which it happened to look: of such a one, what
 * the tables show, without the stamps.
 */
export async function mirrorContent(
  store: LineageStore,
  isExact: boolean,
  fromFiles: ReadonlySet<string>,
): Promise<Content> {
  const content = new Map<string, string[]>()
  for (const { name, immutable } of entities) {
    const tables = immutable || !isExact ? [name] : [name, `${name}_versions`]
    const isStamped = isExact && !fromFiles.has(name)
    for (const table of tables) {
      const rows = await store.query(`SELECT ${isStamped ? '*' : '* EXCLUDE (_block)'} FROM "${table}"`)
      content.set(table, rows.map(asText).sort())
    }
  }
  return content
}

/** Entities that are read from files. */
export async function entitiesFromFiles(databaseUrl: string): Promise<ReadonlySet<string>> {
  const rows = await query<{ names: string[] }>(
    databaseUrl,
    'SELECT entities_with_causality_region AS names FROM subgraphs.subgraph_manifest',
  )
  return new Set(rows.flatMap(({ names }) => names))
}

/** What one holds and the other does not, in words; none where they are equal. */
export function differences(made: Content, fresh: Content): string[] {
  const tables = [...new Set([...made.keys(), ...fresh.keys()])]
  return tables.flatMap((table) => {
    const [ours, theirs] = [made.get(table) ?? [], fresh.get(table) ?? []]
    const [extra, missing] = [without(ours, theirs), without(theirs, ours)]
    if (extra.length === 0 && missing.length === 0) return []
    const example = (rows: string[]) => rows.slice(0, 2).map((row) => `\n      ${row}`)
    return [
      `  ${table}: ${extra.length} rows too many, ${missing.length} missing of ${theirs.length}`,
      ...(extra.length > 0 ? [`    too many:${example(extra).join('')}`] : []),
      ...(missing.length > 0 ? [`    missing:${example(missing).join('')}`] : []),
    ]
  })
}

export function rowCount(content: Content): number {
  return [...content.values()].reduce((sum, rows) => sum + rows.length, 0)
}

/** What is left of `rows` when each of `others` has taken away one like it. */
function without(rows: readonly string[], others: readonly string[]): string[] {
  const counts = new Map<string, number>()
  for (const row of others) counts.set(row, (counts.get(row) ?? 0) + 1)
  return rows.filter((row) => {
    const count = counts.get(row) ?? 0
    counts.set(row, count - 1)
    return count <= 0
  })
}

function asText(row: Record<string, unknown>): string {
  return JSON.stringify(row, (_, value) => (typeof value === 'bigint' ? String(value) : value))
}
