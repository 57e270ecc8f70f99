import { cidOf } from '../api/content.ts'

/** A file as a record, hashed in this browser before anything of it is sent. */
export type LocalRecord = {
  title: string
  mediaType: string
  bytes: Uint8Array<ArrayBuffer>
  cid: string
  /** sha2-256, 0x-hex. */
  digest: `0x${string}`
}

const MEDIA_TYPES: Record<string, string> = {
  txt: 'text/plain',
  md: 'text/markdown',
  json: 'application/json',
  csv: 'text/csv',
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  webp: 'image/webp',
  wav: 'audio/wav',
  mp3: 'audio/mpeg',
  flac: 'audio/flac',
}

export async function recordOf(title: string, mediaType: string, bytes: Uint8Array<ArrayBuffer>): Promise<LocalRecord> {
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  const digest = `0x${[...hash].map((byte) => byte.toString(16).padStart(2, '0')).join('')}` as const
  return { title, mediaType, bytes, cid: await cidOf(bytes), digest }
}

/** A .jsonl file is one record a line (its `text`, or the line itself), any other file is one record; empty ones are left out. */
export async function recordsOf(file: File): Promise<LocalRecord[]> {
  const bytes = new Uint8Array(await file.arrayBuffer())
  if (bytes.length === 0) return []
  const ending = file.name.slice(file.name.lastIndexOf('.') + 1).toLowerCase()
  if (ending !== 'jsonl') return [await recordOf(file.name, MEDIA_TYPES[ending] ?? 'application/octet-stream', bytes)]
  const lines = new TextDecoder().decode(bytes).split('\n')
  const records: LocalRecord[] = []
  for (const [index, line] of lines.entries()) {
    if (line.trim() === '') continue
    const text = textOf(line)
    records.push(await recordOf(`${file.name}#${index + 1}`, 'text/plain', new TextEncoder().encode(text)))
  }
  return records
}

function textOf(line: string): string {
  try {
    const value = JSON.parse(line) as { text?: unknown }
    return typeof value?.text === 'string' ? value.text : line
  } catch {
    return line
  }
}
