import { mkdir, readFile, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { ContentStore } from '@openledger/content-store'
import type { EntitySchema } from '@openledger/lineage-store'
import { type AnalyticsManifest, digestOfCid } from '@openledger/protocol'
import { Analysis, type Table } from './analysis.ts'
import { ENGINE_TABLES, type EngineTable } from './engine-tables.ts'
import { readViews } from './view-catalog.ts'

/** Rows of one file: a few tens of megabytes, well below what a content store takes in one piece. */
const FILE_ROWS = 500_000

/**
 * Publishes all tables and the rows of all views as Parquet files by CID, and a manifest that lists them. Equal mirror,
 * equal engine tables and equal version of DuckDB give equal files; killed anywhere and done again, it publishes the same.
 *
 * @returns the manifest's CID
 * @throws what the content store throws; database.locked
 */
export async function publishAnalysis(
  input: PublishAnalysis.Input,
): Promise<{ manifest: AnalyticsManifest; cid: string }> {
  const { folder, schema, contentStore, epoch } = input
  const scratch = join(folder, 'building')
  await rm(scratch, { recursive: true, force: true })
  await mkdir(scratch, { recursive: true })
  const analysis = await Analysis.create(folder, join(scratch, 'analysis.duckdb'), input.limits)
  try {
    await analysis.copyMirror(schema, input.mirrorFile)
    const entities = analysis.tables
    for (const { name, columns, key } of ENGINE_TABLES) {
      await analysis.copyFiles({ name, columns, key }, [resolve(folder, input.engineFiles[name])])
    }
    await analysis.finish()
    const views = await Promise.all(readViews().map(({ name }) => analysis.viewTable(name)))
    const engine = ENGINE_TABLES.map(({ name, columns, key }) => ({
      name,
      columns: columns.map((column) => ({ name: column.name, type: column.type })),
      key,
    }))
    const tables: AnalyticsManifest['tables'] = []
    for (const [kind, list] of [
      ['entity', entities],
      ['engine', engine],
      ['view', views],
    ] as const) {
      for (const table of list) tables.push({ kind, ...(await publishTable(analysis, table, contentStore)) })
    }
    const manifest: AnalyticsManifest = {
      kind: 'openledger/analytics@1',
      epoch: epoch.number,
      epochManifest: epoch.manifest,
      toBlock: epoch.toBlock,
      blockHash: epoch.blockHash,
      schemaHash: `0x${schema.hash}`,
      tables,
    }
    return { manifest, cid: await contentStore.putJson(manifest) }
  } finally {
    analysis.close()
    await rm(scratch, { recursive: true, force: true })
  }
}

async function publishTable(analysis: Analysis, table: Table, contentStore: Pick<ContentStore, 'put'>) {
  const rows = Number((await analysis.rows(`SELECT count(*) AS count FROM "${table.name}"`))[0]!.count)
  const files: AnalyticsManifest['tables'][number]['files'] = []
  for (let offset = 0; offset < rows; offset += FILE_ROWS) {
    const name = `${table.name}-${files.length + 1}.parquet`
    const place = join('building', name)
    const written = await analysis.writeFile(table, place, offset, FILE_ROWS)
    const bytes = await readFile(join(analysis.folder, place))
    const cid = await contentStore.put(bytes)
    await rm(join(analysis.folder, place))
    files.push({ name, rows: written, bytes: bytes.length, cid, sha256: digestOfCid(cid) })
  }
  return {
    name: table.name,
    columns: table.columns.map(({ name, type }) => ({ name, type })),
    key: [...table.key],
    rows,
    files,
  }
}

export declare namespace PublishAnalysis {
  type Input = {
    /** For working in, and for the files below. */
    folder: string
    schema: EntitySchema
    /** A LineageStore that stands at the epoch's last block and that nobody has open; within the folder. */
    mirrorFile: string
    /** One Parquet file for each of the engine's tables; within the folder. */
    engineFiles: Readonly<Record<EngineTable['name'], string>>
    epoch: {
      number: number
      /** CID of the epoch's manifest. */
      manifest: string
      toBlock: number
      blockHash: `0x${string}`
    }
    contentStore: Pick<ContentStore, 'put' | 'putJson'>
    limits?: Parameters<typeof Analysis.create>[2]
  }
}
