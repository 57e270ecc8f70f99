import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Analysis } from './analysis.ts'
import { QueryProcess } from './query-process.ts'

const folder = mkdtempSync(join(tmpdir(), 'openledger-query-'))
const file = join(folder, 'facts.duckdb')
let queries: QueryProcess

beforeAll(async () => {
  const analysis = await Analysis.create(folder, file)
  await analysis.run(
    'CREATE TABLE fact AS SELECT range AS number, CAST(range AS HUGEINT) * 1000000000000000000000 AS wei FROM range(10)',
  )
  analysis.close()
  writeFileSync(join(folder, 'secret.csv'), 'a,b\n1,2\n')
  queries = new QueryProcess({ file, memoryLimit: '200MB', timeoutMs: 2_000, maxRows: 100 })
})

afterAll(() => {
  queries.close()
  rmSync(folder, { recursive: true })
})

test('a question gets its rows, integers with every digit', async () => {
  expect(await queries.ask('SELECT number, wei FROM fact WHERE number = 7')).toMatchObject({
    columns: [
      { name: 'number', type: 'BIGINT' },
      { name: 'wei', type: 'HUGEINT' },
    ],
    rows: [['7', '7000000000000000000000']],
    isCut: false,
  })
})

test('no more rows come than asked for, and that is said', async () => {
  const { rows, isCut } = await queries.ask('FROM range(100000)')
  expect([rows.length, isCut]).toEqual([100, true])
  expect((await queries.ask('FROM range(100)')).isCut).toBe(false)
})

test.each([
  'DESCRIBE fact',
  'SHOW TABLES',
  'SUMMARIZE fact',
  'EXPLAIN SELECT 1',
  'WITH a AS (SELECT 1) FROM a',
  'VALUES (1)',
])('%s is a question', async (sql) => {
  expect((await queries.ask(sql)).rows.length).toBeGreaterThan(0)
})

test.each([
  'CREATE TABLE other (a INTEGER)',
  'CREATE TEMP TABLE other AS SELECT 1',
  'CREATE MACRO m(a) AS a',
  'INSERT INTO fact VALUES (1, 1)',
  'UPDATE fact SET number = 1',
  'DELETE FROM fact',
  'DROP TABLE fact',
  'ALTER TABLE fact ADD COLUMN a INTEGER',
  "COPY fact TO 'out.csv'",
  `COPY fact TO '${folder}/out.parquet'`,
  "COPY fact TO '/dev/stdout'",
  `EXPORT DATABASE '${folder}/out'`,
  `IMPORT DATABASE '${folder}'`,
  "ATTACH ':memory:' AS other",
  `ATTACH '${folder}/other.duckdb'`,
  'DETACH facts',
  'INSTALL httpfs',
  "LOAD '/tmp/evil'",
  'SET threads = 8',
  'SET enable_external_access = true',
  'RESET memory_limit',
  "PRAGMA memory_limit = '64GB'",
  'SET VARIABLE a = 1',
  'BEGIN',
  'CHECKPOINT',
  'VACUUM',
  'CALL pragma_version()',
  'PREPARE x AS SELECT 1',
  "SELECT * FROM read_csv('/etc/passwd')",
  "SELECT * FROM read_text('/etc/passwd')",
  "FROM '/etc/passwd'",
  `SELECT * FROM read_csv('${folder}/secret.csv')`,
  "SELECT * FROM glob('/etc/*')",
  "SELECT * FROM read_parquet('http://127.0.0.1:1/x.parquet')",
  'SELECT 1; SELECT 2',
  'SELECT 1; DROP TABLE fact',
  'FROM duckdb_secrets()',
])('%s is refused, and changes nothing', async (sql) => {
  const before = readdirSync(folder).sort()
  await expect(queries.ask(sql)).rejects.toMatchObject({ code: expect.stringMatching(/^sql\.(refused|failed)$/) })
  expect(readdirSync(folder).sort()).toEqual(before)
  expect((await queries.ask('SELECT count(*) FROM fact')).rows).toEqual([['10']])
})

test.each(['', '-- nothing', 'SELECT', 'SELECT * FROM nowhere', "SELECT getenv('HOME')"])(
  '%j is answered with what is wrong with it',
  async (sql) => {
    await expect(queries.ask(sql)).rejects.toMatchObject({ code: 'sql.failed', facts: { reason: expect.any(String) } })
  },
)

test.each([
  [
    'many steps',
    'WITH RECURSIVE r AS (SELECT 1 AS a UNION ALL SELECT a + 1 FROM r WHERE a < 1e12) SELECT max(a) FROM r',
  ],
  ['one expression that nothing interrupts', "SELECT length(replace(repeat('x', 400000000), 'x', 'xy'))"],
  [
    'a join of everything',
    // Both sides in one function: an equality of two would be a hash join, which ends before the limit.
    'SELECT count(*) FROM range(1000000) a, range(1000000) b WHERE hash(a.range, b.range) = 1',
  ],
])('a query that takes too long ends: %s', async (_, sql) => {
  const short = new QueryProcess({ file, memoryLimit: '2GB', timeoutMs: 300, maxRows: 10 })
  await expect(short.ask(sql)).rejects.toMatchObject({ code: 'sql.timeout' })
  expect((await short.ask('SELECT 1')).rows).toEqual([[1]])
  short.close()
})

test.each([
  ['a sort', "SELECT * FROM (SELECT hash(range) AS h, repeat('x', 1000) || range AS t FROM range(3000000)) ORDER BY h"],
  ['a list', "SELECT list(repeat('x', 1000) || range) FROM range(3000000)"],
  ['a text', "SELECT repeat(repeat('x', 1000000), 2000)"],
  ['an aggregate', 'SELECT range % 50000000 AS k, list(range) FROM range(100000000) GROUP BY k'],
])('a query that takes too much memory ends: %s', async (_, sql) => {
  const small = new QueryProcess({ file, memoryLimit: '100MB', timeoutMs: 30_000, maxRows: 10 })
  await expect(small.ask(sql)).rejects.toMatchObject({ code: expect.stringMatching(/^sql\.(memory|timeout)$/) })
  expect((await small.ask('SELECT 1')).rows).toEqual([[1]])
  small.close()
})

test('a limit is a number of MB or GB', () => {
  expect(() => new QueryProcess({ file, memoryLimit: 'all', timeoutMs: 1, maxRows: 1 })).toThrow(/whole number/)
})

test('a file that is none is said so', async () => {
  const none = new QueryProcess({
    file: join(folder, 'none.duckdb'),
    memoryLimit: '100MB',
    timeoutMs: 1_000,
    maxRows: 1,
  })
  await expect(none.ask('SELECT 1')).rejects.toMatchObject({ code: 'sql.failed' })
})
