import { existsSync } from 'node:fs'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ContentStore } from '@openledger/content-store'
import { AnalyticsManifest, parseManifest } from '@openledger/protocol'
import type { Analysis } from './analysis.ts'

/** @throws manifest.malformed, and what the content store throws */
export async function readPublication(cid: string, content: Pick<ContentStore, 'get'>): Promise<AnalyticsManifest> {
  return parseManifest(AnalyticsManifest, await content.get(cid), 'analytics manifest')
}

/**
 * Fetches the files of published tables into the analysis' folder, those that are not there yet, and copies them in.
 * @param kinds of tables; views are not among them, for `finish()` makes them
 * @throws what the content store throws
 */
export async function copyPublication(
  analysis: Analysis,
  publication: AnalyticsManifest,
  kinds: readonly ('entity' | 'engine')[],
  content: Pick<ContentStore, 'get'>,
): Promise<void> {
  for (const table of publication.tables.filter(({ kind }) => kinds.some((wanted) => wanted === kind))) {
    const files: string[] = []
    for (const { cid } of table.files) files.push(await fetchFile(join(analysis.folder, 'parquet'), cid, content))
    await analysis.copyFiles(table, files)
  }
}

/** @returns path of the file, named by its CID */
async function fetchFile(folder: string, cid: string, content: Pick<ContentStore, 'get'>): Promise<string> {
  const path = join(folder, `${cid}.parquet`)
  if (existsSync(path)) return path
  await mkdir(folder, { recursive: true })
  const coming = `${path}.${process.pid}`
  await writeFile(coming, await content.get(cid))
  await rename(coming, path)
  return path
}
