import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'
import { OpenLedgerError } from '@openledger/protocol'
import type { NewRecord } from '@openledger/sdk'

/** A batch is one event with one manifest, which is read whole. */
const MAX_RECORDS = 100_000
const MEDIA_TYPES: Record<string, string> = {
  '.txt': 'text/plain',
  '.md': 'text/markdown',
  '.json': 'application/json',
  '.csv': 'text/csv',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.wav': 'audio/wav',
  '.flac': 'audio/flac',
}

/**
 * Files as records: a folder gives all files below it by name, a .jsonl file one record a line.
 * @throws records.unreadable, records.malformed naming the line, records.too_many
 */
export async function readRecords(paths: readonly string[]): Promise<NewRecord[]> {
  const files = (await Promise.all(paths.map(filesOf))).flat()
  const records = (await Promise.all(files.map(recordsOf))).flat()
  if (records.length <= MAX_RECORDS) return records
  throw new OpenLedgerError('records.too_many', 'One contribution cannot hold so many records.', {
    facts: { records: records.length, limit: MAX_RECORDS },
    nextStep: 'Push them in several contributions.',
  })
}

async function filesOf(path: string): Promise<string[]> {
  try {
    if (!(await stat(path)).isDirectory()) return [path]
    const entries = await readdir(path, { withFileTypes: true, recursive: true })
    return entries
      .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
  } catch (cause) {
    throw new OpenLedgerError('records.unreadable', 'A file or folder cannot be read.', {
      facts: { path, reason: (cause as NodeJS.ErrnoException).code ?? String(cause) },
      nextStep: 'Check the path and who may read it.',
      cause,
    })
  }
}

async function recordsOf(file: string): Promise<NewRecord[]> {
  const bytes = await readFile(file)
  const title = basename(file)
  if (extname(file) === '.jsonl') return linesOf(file, bytes.toString('utf8'))
  return [{ bytes, mediaType: MEDIA_TYPES[extname(file).toLowerCase()] ?? 'application/octet-stream', title }]
}

function linesOf(file: string, text: string): NewRecord[] {
  return text.split('\n').flatMap((line, index) => {
    if (line.trim() === '') return []
    const title = `${basename(file)}#${index + 1}`
    const record = parsed(line)
    if (typeof record?.text !== 'string' || record.text === '') throw malformed(file, index + 1)
    const named = typeof record.title === 'string' ? record.title.slice(0, 512) : title
    return [{ bytes: new TextEncoder().encode(record.text), mediaType: 'text/plain', title: named }]
  })
}

function parsed(line: string): { text?: unknown; title?: unknown } | null {
  try {
    return JSON.parse(line)
  } catch {
    return null
  }
}

function malformed(file: string, line: number): OpenLedgerError {
  return new OpenLedgerError('records.malformed', 'A line is no JSON object with a `text`.', {
    facts: { file, line },
    nextStep: 'Write one object a line: {"text": "…", "title": "…"}',
  })
}
