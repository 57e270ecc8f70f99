import type { Content } from './content.ts'

const MAX_TEXT_BYTES = 64 * 1024

/** A record's content as text; null when it is no UTF-8 text or too long to be shown in an answer. */
export async function readText(content: Content, cid: string): Promise<string | null> {
  const bytes = await content.get(cid)
  if (bytes.length > MAX_TEXT_BYTES) return null
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return null
  }
}
