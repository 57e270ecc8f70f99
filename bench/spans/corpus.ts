import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { digestOf } from '@openledger/protocol'
import type { CorpusRecord } from '../../attribution-engine/src/spans/corpus-index.ts'

const ROOT = join(import.meta.dirname, '../../node_modules')

/** Texts that `npm install` brings, in the order of their paths, until they have `characters` characters. */
export function installedTexts(characters: number): CorpusRecord[] {
  const records: CorpusRecord[] = []
  let left = characters
  for (const file of filesUnder(ROOT)) {
    if (left <= 0) break
    const text = readFileSync(file, 'utf8').slice(0, Math.min(left, 100_000))
    left -= text.length
    records.push({ digest: digestOf(new TextEncoder().encode(file)), text })
  }
  return records
}

function* filesUnder(folder: string): Generator<string> {
  for (const entry of readdirSync(folder).sort()) {
    const path = join(folder, entry)
    if (entry.startsWith('.') || entry === '@openledger') continue
    const stat = statSync(path, { throwIfNoEntry: false })
    if (stat?.isDirectory()) yield* filesUnder(path)
    else if (/\.(md|ts|js|mjs|sol)$/.test(entry) && !/\.min\./.test(entry)) yield path
  }
}
