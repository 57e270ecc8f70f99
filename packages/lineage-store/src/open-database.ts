import { existsSync, mkdirSync, renameSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { OpenLedgerError } from '@openledger/protocol'

/**
 * Opens a DuckDB file for this process alone, with everything shut that a query does not need: no other files, no
 * network, no extensions, bounded memory, and no way to open any of it again.
 *
 * A file that DuckDB cannot read is moved aside and a new one begun: what is kept here can be computed again from the
 * chain and the content store, so going on is right and asking a person is not.
 *
 * @param file path of the database, or ':memory:'
 * @throws database.locked when another process, or this one, already has it open
 */
export async function openDatabase(file: string, options: OpenDatabase.Options = {}): Promise<OpenDatabase.Opened> {
  if (file === ':memory:') return opened(await create(file, options), null, () => {})
  const path = resolve(file)
  // DuckDB's lock is held by the process, so it would let the same process in twice.
  if (openFiles.has(path)) throw locked(path)
  openFiles.add(path)
  const release = () => openFiles.delete(path)
  try {
    mkdirSync(dirname(path), { recursive: true })
    return await openFile(path, options, release)
  } catch (error) {
    release()
    throw error
  }
}

async function openFile(
  path: string,
  options: OpenDatabase.Options,
  release: () => void,
): Promise<OpenDatabase.Opened> {
  try {
    return opened(await create(path, options), null, release)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    if (LOCKED.test(reason)) throw locked(path, error)
    if (!DAMAGED.test(reason)) throw error
    const damagedFile = moveAside(path)
    return opened(await create(path, options), damagedFile, release)
  }
}

const LOCKED = /lock on file|being used by another process/i
// Only what says that the bytes are wrong: a full disk or a missing permission must not cost a good file its place.
const DAMAGED = /not a valid DuckDB database|corrupt|checksum|replaying WAL|serialization error|INTERNAL Error/i

export declare namespace OpenDatabase {
  type Options = {
    /** DuckDB's own bound, for example '512MB'. */
    memoryLimit?: string
    threads?: number
    /** The one folder whose files SQL may read and write; none unless given. For databases that take no foreign SQL. */
    folder?: string
  }
  type Opened = {
    instance: DuckDBInstance
    /** Where an unreadable file was moved to; null when there was none. */
    damagedFile: string | null
    close(): void
  }
}

const openFiles = new Set<string>()

async function create(path: string, options: OpenDatabase.Options): Promise<DuckDBInstance> {
  const instance = await DuckDBInstance.create(path, {
    // A folder can only be allowed while access is on: it is shut below.
    enable_external_access: String(options.folder !== undefined),
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    allow_community_extensions: 'false',
    memory_limit: options.memoryLimit ?? '512MB',
    threads: String(options.threads ?? 2),
  })
  const connection = await instance.connect()
  if (options.folder !== undefined) {
    mkdirSync(options.folder, { recursive: true })
    await connection.run(`SET allowed_directories = ['${resolve(options.folder).replaceAll("'", "''")}/']`)
    await connection.run('SET enable_external_access = false')
  }
  await connection.run('SET lock_configuration = true')
  connection.closeSync()
  return instance
}

function opened(instance: DuckDBInstance, damagedFile: string | null, release: () => void): OpenDatabase.Opened {
  const close = () => {
    instance.closeSync()
    release()
  }
  return { instance, damagedFile, close }
}

/** Moves the database and its log away together: a log without its file would be replayed into the new one. */
function moveAside(path: string): string {
  let count = 1
  while (existsSync(`${path}.damaged-${count}`)) count += 1
  renameSync(path, `${path}.damaged-${count}`)
  if (existsSync(`${path}.wal`)) renameSync(`${path}.wal`, `${path}.damaged-${count}.wal`)
  return `${path}.damaged-${count}`
}

function locked(path: string, cause?: unknown): OpenLedgerError {
  return new OpenLedgerError('database.locked', 'Another process has this database open.', {
    facts: { file: path },
    nextStep: 'Stop the other process, or give this one a state directory of its own (OPENLEDGER_STATE).',
    cause,
  })
}
