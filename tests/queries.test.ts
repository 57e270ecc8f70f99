import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { Analysis, QueryProcess } from '@openledger/analytics'
import { readEntitySchema } from '@openledger/lineage-store'
import { expect, test } from 'vitest'
import { readQuestions } from '../scripts/query-docs.ts'

const questions = readQuestions()

test('there are fifteen questions, some of them in GraphQL', () => {
  expect(questions).toHaveLength(15)
  expect(new Set(questions.map(({ kind }) => kind))).toEqual(new Set(['sql', 'graphql']))
})

test('every question in SQL fits the tables and views as they are', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'openledger-questions-'))
  const file = join(folder, 'empty.duckdb')
  const analysis = await Analysis.create(folder, file)
  const queries = new QueryProcess({ file, memoryLimit: '500MB', timeoutMs: 60_000, maxRows: 100 })
  try {
    const schema = readFileSync(resolve(import.meta.dirname, '..', 'schema.graphql'), 'utf8')
    await analysis.createEntities(readEntitySchema(schema))
    await analysis.createEngineTables()
    await analysis.finish()
    analysis.close()
    for (const { query } of questions.filter(({ kind }) => kind === 'sql')) await queries.ask(query)
  } finally {
    queries.close()
    rmSync(folder, { recursive: true })
  }
})

test('every question in GraphQL can be parsed', () => {
  // The mirror's own parser: this folder has no dependencies.
  const { parse } = createRequire(resolve(import.meta.dirname, '../packages/lineage-store/package.json'))('graphql')
  for (const { query } of questions.filter(({ kind }) => kind === 'graphql')) parse(query)
})
