import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { cidOfDigest, OpenLedgerError } from '@openledger/protocol'

/**
 * Immutable content, named by its hash. A CID is CIDv1, raw, sha2-256, in base32, so what comes back is what was put in
 * or an error: the hash is checked on the way in and on the way out.
 */
export interface ContentStore {
  /**
   * Keeps `bytes` and gives their CID. Putting the same content again changes nothing.
   * @param expectedCid refuses the bytes unless this is their CID
   * @throws cid.malformed, content.hash_mismatch, content.too_large, content.no_space, content.write_failed, content.unreachable
   */
  put(bytes: Uint8Array, expectedCid?: string): Promise<string>
  /** @throws cid.malformed, content.missing, content.corrupt, content.read_failed, content.unreachable */
  get(cid: string): Promise<Uint8Array>
  /** @throws cid.malformed, content.unreachable */
  has(cid: string): Promise<boolean>
  /** Keeps the canonical JSON (RFC 8785) of `value`. @throws json.not_canonical, and what `put` throws */
  putJson(value: unknown): Promise<string>
}

/** A store that takes files too. */
export interface FileContentStore extends ContentStore {
  /**
   * Keeps a file's content, which need not fit into memory, and gives its CID.
   * @throws what `put` throws, and content.read_failed
   */
  putFile(path: string): Promise<string>
}

/** Largest piece of content unless a setting says otherwise, in bytes. Who reads it has all of it in memory. */
export const DEFAULT_MAX_BYTES = 256 * 1024 * 1024

/** The CID of `bytes`, hashed by OpenSSL: several times as fast as the portable code that browsers need. */
export function hashContent(bytes: Uint8Array): string {
  return cidOfDigest(`0x${createHash('sha256').update(bytes).digest('hex')}`)
}

/** The CID of a file, and its size in bytes; read piece by piece. */
export async function hashFile(path: string): Promise<{ cid: string; sizeBytes: number }> {
  const hash = createHash('sha256')
  let sizeBytes = 0
  for await (const chunk of createReadStream(path)) {
    sizeBytes += (chunk as Uint8Array).length
    hash.update(chunk as Uint8Array)
  }
  return { cid: cidOfDigest(`0x${hash.digest('hex')}`), sizeBytes }
}

export function mismatch(expected: string, actual: string): OpenLedgerError {
  return new OpenLedgerError('content.hash_mismatch', 'The content is not what its CID says.', {
    facts: { expected, actual },
    nextStep: 'Send the bytes that the CID was computed from, or the CID of these bytes.',
  })
}

export function missing(cid: string): OpenLedgerError {
  return new OpenLedgerError('content.missing', 'The content store does not have this content.', {
    facts: { cid },
    nextStep: 'Put the content first, or ask its contributor for it; then try again.',
    retryable: true,
  })
}

export function tooLarge(maxBytes: number): OpenLedgerError {
  return new OpenLedgerError('content.too_large', 'The content is larger than this store takes.', {
    facts: { maxBytes },
    nextStep: 'Split the content, or raise OPENLEDGER_CONTENT_MAX_BYTES of the content store.',
  })
}
