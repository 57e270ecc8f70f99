import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readEntitySchema } from '@openledger/lineage-store'
import { afterEach, expect, test } from 'vitest'
import { Analysis } from './analysis.ts'
import { readViews } from './view-catalog.ts'

test('x', async () => {
  const a = await Analysis.create(mkdtempSync('/tmp/w-analytics-scratch/t'), ':memory:')
  await a.createEntities(readEntitySchema(readFileSync('schema.graphql', 'utf8')))
  await a.createEngineTables()
  await a.finish()
  for (const { name, columns } of readViews()) {
    const t = await a.viewTable(name)
    console.log(name, t.columns.map((c) => `${c.name}:${c.type}`).join(' '), JSON.stringify((await a.rows(`from ${name}`)), (_, v) => typeof v === 'bigint' ? String(v) : v))
    expect(t.columns.map((c) => c.name)).toEqual(columns.map((c) => c.name))
  }
  a.close()
})
