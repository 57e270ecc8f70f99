/** One DuckDB file, read only, for one QueryProcess: a process of its own, because some queries can only be ended with it. */
import { DuckDBInstance, StatementType } from '@duckdb/node-api'
import type { Answer, Opening, Question } from './query-messages.ts'

process.on('disconnect', () => process.exit())

const opening = JSON.parse(process.argv[2]!) as Opening
const instance = await DuckDBInstance.create(opening.file, {
  access_mode: 'READ_ONLY',
  memory_limit: opening.memoryLimit,
  threads: String(opening.threads),
  autoinstall_known_extensions: 'false',
  autoload_known_extensions: 'false',
  allow_community_extensions: 'false',
})
const connection = await instance.connect()
// What does not fit in memory fails: on disk it would be bounded by nothing.
await connection.run("SET temp_directory = ''")
await connection.run('SET enable_external_access = false')
await connection.run('SET lock_configuration = true')

process.on('message', (question: Question) => {
  void answer(question).then((message) => process.send!(message))
})
process.send!({ kind: 'ready' } satisfies Answer)

async function answer({ sql, timeoutMs, maxRows }: Question): Promise<Answer> {
  const timer = setTimeout(() => connection.interrupt(), timeoutMs)
  try {
    // Nothing but comments gives DuckDB's binding an error without a reason.
    const statements = await connection.extractStatements(sql).catch((error: Error) => {
      throw error.message.includes('native callback') ? new Error('there is no statement') : error
    })
    if (statements.count !== 1) return { kind: 'refused', reason: `${statements.count} statements; one is allowed` }
    const prepared = await statements.prepare(0)
    const type = prepared.statementType
    if (type !== StatementType.SELECT && type !== StatementType.EXPLAIN) {
      return { kind: 'refused', reason: `${StatementType[type]} is no question` }
    }
    const reader = await prepared.streamAndReadUntil(maxRows + 1)
    const rows = reader.getRowsJson() as unknown[][]
    return {
      kind: 'rows',
      columns: reader.columnNames().map((name, index) => ({ name, type: String(reader.columnType(index)) })),
      rows: rows.slice(0, maxRows),
      isCut: rows.length > maxRows,
    }
  } catch (error) {
    return { kind: 'failed', reason: error instanceof Error ? error.message : String(error) }
  } finally {
    clearTimeout(timer)
  }
}
