import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { OpenLedgerError } from '@openledger/protocol'
import { Client } from 'pg'
import { postgresPrograms } from './native-programs.ts'
import type { RunningProcess, Supervisor } from './supervisor.ts'
import { unprivileged } from './unprivileged.ts'
import { until } from './until.ts'

const USER = 'openledger'
const START_TIMEOUT_MS = 60_000

export type Database = { process: RunningProcess; url: string }

/**
 * Starts Postgres on its directory, after making a cluster there if there is none. A cluster appears under its name only
 * when it is complete.
 * @param directory of the cluster; everything in it can be computed again
 * @param name of the process, where there is another Postgres beside it
 */
export async function startDatabase(
  supervisor: Supervisor,
  directory: string,
  port: number,
  name = 'postgres',
): Promise<Database> {
  const programs = postgresPrograms()
  await linkLibraries(supervisor, programs.packageDirectory)
  const { wrap, user } = unprivileged(programs.packageDirectory, directory)
  const cluster = join(directory, 'cluster')
  const passwordFile = join(directory, 'password')
  if (!existsSync(join(cluster, 'PG_VERSION'))) {
    await createCluster(
      supervisor,
      directory,
      (draft) => wrap(programs.initdb, initdbParameters(draft, passwordFile)),
      user,
    )
  }
  const password = readFileSync(passwordFile, 'utf8').trim()
  const process = await supervisor.run({
    name,
    ...wrap(programs.postgres, postgresParameters(cluster, port)),
    environment: { PATH: globalThis.process.env.PATH, LC_ALL: 'C', TZ: 'UTC' },
    directory,
    stopSignal: 'SIGINT', // "fast": ends connections, writes a checkpoint
    graceMs: 20_000,
    endsWith: 2,
    channel: false,
    ...(user === undefined ? {} : { user }),
  })
  const url = `postgresql://${USER}:${password}@127.0.0.1:${port}/postgres`
  const waiting = { timeoutMs: START_TIMEOUT_MS, signal: supervisor.ending }
  await supervisor.during(until('Postgres', waiting, () => query(url, 'SELECT 1')))
  return { process, url }
}

/** The database that graph-node indexes into. */
const INDEX_DATABASE = 'postgres'

/**
 * Throws the index away and leaves an empty database in its place. Other databases of the cluster stay: what they hold
 * cannot be computed again.
 */
export async function emptyIndex(url: string): Promise<void> {
  const elsewhere = databaseAt(url, 'template1')
  await query(elsewhere, `DROP DATABASE ${INDEX_DATABASE} WITH (FORCE)`)
  await query(elsewhere, `CREATE DATABASE ${INDEX_DATABASE} TEMPLATE template0`)
}

/** The URL of a database of the same cluster, which is made if there is none. */
export async function ensureDatabase(url: string, name: string): Promise<string> {
  const found = await query(url, `SELECT FROM pg_database WHERE datname = '${name}'`)
  if (found.length === 0) await query(url, `CREATE DATABASE ${name} TEMPLATE template0`)
  return databaseAt(url, name)
}

function databaseAt(url: string, name: string): string {
  const other = new URL(url)
  other.pathname = `/${name}`
  return other.href
}

/** Where npm's install scripts did not run, the libraries lack their short names: the package's own script makes them. */
async function linkLibraries(supervisor: Supervisor, packageDirectory: string): Promise<void> {
  const list = join(packageDirectory, 'native', 'pg-symlinks.json')
  const links = existsSync(list) ? (JSON.parse(readFileSync(list, 'utf8')) as { target: string }[]) : []
  if (links.every(({ target }) => existsSync(join(packageDirectory, target)))) return
  await supervisor.complete({
    name: 'postgres-libraries',
    command: process.execPath,
    parameters: ['scripts/hydrate-symlinks.js'],
    directory: packageDirectory,
  })
}

async function createCluster(
  supervisor: Supervisor,
  directory: string,
  initdb: (draft: string) => { command: string; parameters: readonly string[] },
  user: { uid: number; gid: number } | undefined,
): Promise<void> {
  const draft = join(directory, 'cluster.draft')
  mkdirSync(directory, { recursive: true })
  rmSync(draft, { recursive: true, force: true })
  rmSync(join(directory, 'cluster'), { recursive: true, force: true })
  const passwordFile = join(directory, 'password')
  if (!existsSync(passwordFile) || readFileSync(passwordFile, 'utf8').length < 49)
    writeFileSync(passwordFile, `${randomBytes(24).toString('hex')}\n`, { mode: 0o644 })
  const { how, said } = await supervisor.complete({
    name: 'initdb',
    ...initdb(draft),
    environment: { PATH: process.env.PATH, LC_ALL: 'C' },
    directory,
    ...(user === undefined ? {} : { user }),
  })
  if (how !== 'exit 0') {
    throw new OpenLedgerError('database.not_created', 'Postgres could not create its files.', {
      facts: { directory, how, reason: said.trim().split('\n').at(-1)?.slice(0, 400) ?? '' },
      nextStep: 'Run `npm run doctor`: it says what is missing on this machine.',
    })
  }
  renameSync(draft, join(directory, 'cluster'))
}

function initdbParameters(cluster: string, passwordFile: string): string[] {
  return [
    ...['-D', cluster, '-U', USER, `--pwfile=${passwordFile}`, '--auth=scram-sha-256'],
    // graph-node wants UTF-8 and the C locale.
    ...['-E', 'UTF8', '--locale=C'],
    // C sorts by code points and knows no letter beyond ASCII; this sorts alike and folds the case of all, for searches.
    ...['--locale-provider=builtin', '--builtin-locale=C.UTF-8'],
  ]
}

function postgresParameters(cluster: string, port: number): string[] {
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '100',
    shared_buffers: '128MB',
    // A crash may lose the last transactions, never half of one: graph-node then indexes those blocks again.
    synchronous_commit: 'off',
    max_wal_size: '1GB',
    log_checkpoints: 'off',
    // graph-node parts what it stores as the schema says, but what is asked as the database does.
    default_text_search_config: 'pg_catalog.simple',
  }
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  return ['-D', cluster, '-p', String(port), ...flags]
}

/** Runs one statement on a connection of its own. */
export async function query<Row extends Record<string, unknown>>(url: string, text: string): Promise<Row[]> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5_000 })
  // An idle connection that breaks is reported here; without a listener it would end the process.
  client.on('error', () => undefined)
  await client.connect()
  try {
    return (await client.query<Row>(text)).rows
  } finally {
    await client.end()
  }
}
