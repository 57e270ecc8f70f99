import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Analysis, copyPublication, readPublication, readViews } from '@openledger/analytics'
import type { ContentStore } from '@openledger/content-store'
import { type EntitySchema, type EntitySource, LineageStore, readEntitySchema } from '@openledger/lineage-store'
import { type AnalyticsManifest, OpenLedgerError } from '@openledger/protocol'

/**
 * A DuckDB file to ask: what the index says now, with the engine's tables as of the newest epoch that it published; or,
 * for an epoch, what was published as of it. Made once for each state of these, and only read afterwards, so that any
 * number of prompts can have it open.
 *
 * @throws lineage.source_unreachable and others of the mirror, analytics.not_published, sql.engine_unreachable, content.*
 */
export async function openAnalysisFile(options: OpenAnalysisFile.Options): Promise<OpenAnalysisFile.Opened> {
  const { folder, schema, epoch, content } = options
  mkdirSync(folder, { recursive: true })
  const shape = readEntitySchema(schema)
  const publication = await findPublication(options)
  if (epoch !== null) {
    const { cid, manifest } = publication!
    const about = `epoch ${manifest.epoch}, block ${manifest.toBlock}`
    const build = (analysis: Analysis) => copyPublication(analysis, manifest, ['entity', 'engine'], content)
    return { file: await built(folder, 'epoch', cid, build), about }
  }
  const mirror = join(folder, 'mirror.duckdb')
  const block = await follow(mirror, options)
  const from = publication === null ? 'no epoch published yet' : `epoch ${publication.manifest.epoch}`
  const key = `${block.hash} ${shape.hash} ${publication?.cid ?? 'none'}`
  const file = await built(folder, 'live', key, async (analysis) => {
    await withMirror(() => analysis.copyMirror(shape, mirror))
    if (publication === null) await analysis.createEngineTables()
    else await copyPublication(analysis, publication.manifest, ['engine'], content)
  })
  return { file, about: `block ${block.number}, payouts and influence: ${from}` }
}

/** Brings the mirror of this machine's analysts to the index's newest block. */
async function follow(mirror: string, { schema, source }: OpenAnalysisFile.Options) {
  return withMirror(async () => {
    const store = await LineageStore.open(mirror, { schema, source: source(readEntitySchema(schema)) })
    try {
      return await store.sync()
    } finally {
      await store.close()
    }
  })
}

/** One process has the mirror at a time; the next one waits for it. */
async function withMirror<T>(work: () => Promise<T>): Promise<T> {
  for (const giveUpMs = Date.now() + 60_000; ; await sleep(100)) {
    try {
      return await work()
    } catch (error) {
      const isHeld =
        error instanceof Error && /database\.locked|lock on file/i.test(`${codeOf(error)} ${error.message}`)
      if (!isHeld || Date.now() > giveUpMs) throw error
    }
  }
}

/** @returns path of the file of this key, made by `copy` unless it is there */
async function built(folder: string, kind: string, key: string, copy: (analysis: Analysis) => Promise<void>) {
  const version = createHash('sha256')
    .update(key)
    .update(
      readViews()
        .map(({ sql }) => sql)
        .join('\n'),
    )
  const name = `${kind}-${version.digest('hex').slice(0, 32)}.duckdb`
  const file = join(folder, name)
  if (existsSync(file)) return file
  const coming = join(folder, `building-${process.pid}.duckdb`)
  for (const left of [coming, `${coming}.wal`]) rmSync(left, { force: true })
  const analysis = await Analysis.create(folder, coming)
  try {
    await copy(analysis)
    await analysis.finish()
  } catch (error) {
    analysis.close()
    rmSync(coming, { force: true })
    throw error
  }
  analysis.close()
  await rename(coming, file)
  // Whoever has an older one open keeps it until it closes it.
  for (const older of readdirSync(folder)) {
    if (older.startsWith(`${kind}-`) && older !== name && kind === 'live') rmSync(join(folder, older), { force: true })
  }
  return file
}

async function findPublication(options: OpenAnalysisFile.Options): Promise<Publication | null> {
  const { epoch, content, engineUrl } = options
  if (typeof epoch === 'string') return { cid: epoch, manifest: await readPublication(epoch, content) }
  if (epoch !== null) {
    const { cid } = (await askEngine(engineUrl, `/analytics/${epoch}`)) as { cid: string }
    return { cid, manifest: await readPublication(cid, content) }
  }
  const { publications } = (await askEngine(engineUrl, '/analytics?first=1')) as {
    publications: { publication: string }[]
  }
  const cid = publications[0]?.publication
  return cid === undefined ? null : { cid, manifest: await readPublication(cid, content) }
}

async function askEngine(engineUrl: string, path: string): Promise<unknown> {
  let body: { error?: OpenLedgerError.Report }
  try {
    const response = await fetch(`${engineUrl}${path}`, { signal: AbortSignal.timeout(10_000) })
    body = (await response.json()) as typeof body
  } catch (cause) {
    throw new OpenLedgerError('sql.engine_unreachable', 'The attribution engine does not say what it published.', {
      facts: { url: `${engineUrl}${path}`, reason: cause instanceof Error ? cause.message : String(cause) },
      nextStep: 'Run `npm start`, or give a publication’s CID: `openledger sql --epoch <cid>`.',
      retryable: true,
      cause,
    })
  }
  if (body.error === undefined) return body
  const { code, message, facts, nextStep, retryable } = body.error
  throw new OpenLedgerError(code, message, { facts, nextStep, retryable })
}

function codeOf(error: Error): string {
  return error instanceof OpenLedgerError ? error.code : ''
}

type Publication = { cid: string; manifest: AnalyticsManifest }

export declare namespace OpenAnalysisFile {
  type Options = {
    /** Where mirror, files and copies of published Parquet are kept. */
    folder: string
    /** Text of schema.graphql. */
    schema: string
    source: (schema: EntitySchema) => EntitySource
    content: Pick<ContentStore, 'get'>
    engineUrl: string
    /** Number of an epoch or CID of a publication; null for the index as it is now. */
    epoch: number | string | null
  }
  type Opened = {
    file: string
    /** What it holds, in words. */
    about: string
  }
}

/** Text of the subgraph's schema. */
export function readSchema(project: string): Promise<string> {
  return readFile(join(project, 'schema.graphql'), 'utf8')
}
