import { createHash, randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { OpenLedgerError } from '@openledger/protocol'
import { PROJECT } from './subgraph-build.ts'
import type { Supervisor } from './supervisor.ts'

/** What decides the result: the page, what it takes of ours, and the versions of everything else. */
const SOURCES = [
  ...['dashboard/index.html', 'dashboard/package.json', 'dashboard/vite.config.ts', 'dashboard/public'],
  ...['dashboard/scripts/build.ts', 'dashboard/src', 'packages/commitment/src', 'packages/protocol/src'],
  ...['packages/sdk/src', 'package-lock.json'],
]
/** Builds that are kept, the newest first: a stack that runs may still serve an older one. */
const KEPT = 4

/**
 * Builds the dashboard, or takes it from the cache when nothing that decides the result has changed.
 * @returns the folder of the build
 * @throws dashboard.not_built
 */
export async function buildDashboard(
  supervisor: Supervisor,
  cache = join(PROJECT, 'node_modules', '.cache', 'openledger', 'dashboard'),
): Promise<string> {
  const target = join(cache, hashOfSources())
  if (existsSync(target)) return target
  mkdirSync(cache, { recursive: true })
  const draft = join(cache, `draft-${randomUUID()}`)
  try {
    const { how, said } = await supervisor.complete({
      name: 'dashboard-build',
      command: process.execPath,
      parameters: ['dashboard/scripts/build.ts', draft],
      directory: PROJECT,
      environment: { ...process.env, NODE_ENV: 'production' },
    })
    if (how !== 'exit 0') {
      throw new OpenLedgerError('dashboard.not_built', 'The dashboard does not build.', {
        facts: { how, said: said.trim().slice(-1_500) },
        nextStep: 'Correct dashboard/src as it says.',
      })
    }
    // Another stack of this checkout may have been faster; its build is the same.
    if (!existsSync(target)) renameSync(draft, target)
  } finally {
    rmSync(draft, { recursive: true, force: true })
  }
  forgetOld(cache)
  return target
}

function forgetOld(cache: string): void {
  const builds = readdirSync(cache)
    .filter((name) => /^[0-9a-f]{32}$/.test(name))
    .map((name) => ({ folder: join(cache, name), madeMs: statSync(join(cache, name)).mtimeMs }))
    .sort((a, b) => b.madeMs - a.madeMs)
  for (const { folder } of builds.slice(KEPT)) rmSync(folder, { recursive: true, force: true })
}

function hashOfSources(): string {
  const hash = createHash('sha256')
  for (const file of SOURCES.flatMap(filesUnder).filter((name) => !/\.test\.tsx?$/.test(name))) {
    hash
      .update(file)
      .update('\0')
      .update(readFileSync(join(PROJECT, file)))
      .update('\0')
  }
  return hash.digest('hex').slice(0, 32)
}

function filesUnder(path: string): string[] {
  const whole = join(PROJECT, path)
  if (statSync(whole).isFile()) return [path]
  const entries = readdirSync(whole, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return entries.map((entry) => join(entry.parentPath, entry.name).slice(PROJECT.length + 1)).sort()
}
