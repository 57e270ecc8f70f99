import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { type EntitySchema, readEntitySchema } from '@openledger/lineage-store'
import { Analysis } from '../analysis.ts'

type Row = Readonly<Record<string, string | number | bigint | boolean | null>>
export type Rows = Readonly<Record<string, readonly Row[]>>

export const schema: EntitySchema = readEntitySchema(
  readFileSync(resolve(import.meta.dirname, '../../../../schema.graphql'), 'utf8'),
)

/**
 * For tests: an analysis with these rows, by table; a column that a row does not name is null. Asked, then forgotten.
 * @returns rows of each query, in its order
 */
export async function askEconomy(rows: Rows, ...queries: string[]): Promise<Record<string, unknown>[][]> {
  const folder = mkdtempSync(join(tmpdir(), 'openledger-economy-'))
  const analysis = await Analysis.create(folder, ':memory:')
  try {
    await analysis.createEntities(schema)
    await analysis.createEngineTables()
    for (const [table, list] of Object.entries(rows)) {
      for (const row of list) {
        const names = Object.keys(row).map((name) => `"${name}"`)
        await analysis.run(
          `INSERT INTO "${table}" (${names.join(', ')}) VALUES (${Object.values(row).map(literal).join(', ')})`,
        )
      }
    }
    await analysis.finish()
    const answers: Record<string, unknown>[][] = []
    for (const query of queries) answers.push((await analysis.rows(query)).map(plain))
    return answers
  } finally {
    analysis.close()
    rmSync(folder, { recursive: true })
  }
}

function literal(value: Row[string]): string {
  if (value === null) return 'NULL'
  return typeof value === 'string' ? `'${value.replaceAll("'", "''")}'` : String(value)
}

/** Counts as numbers, so that expectations read well: only amounts are wider than a double. Dates as text. */
function plain(row: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => {
      if (typeof value === 'bigint' && !name.endsWith('_wei') && !name.startsWith('gini_')) return [name, Number(value)]
      return [name, value !== null && typeof value === 'object' && 'days' in value ? String(value) : value]
    }),
  )
}
