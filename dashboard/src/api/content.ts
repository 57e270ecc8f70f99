import { ApiError } from './api-error.ts'

const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567'
/** CIDv1, raw codec, sha2-256, 32 bytes: the only form that the platform uses. */
const PREFIX = [0x01, 0x55, 0x12, 0x20]

/**
 * Content by its CID, hashed here: whoever serves it is not trusted.
 * @throws ApiError content.missing, content.hash_mismatch
 */
export async function readChecked(cid: string, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetch(`/ipfs/${encodeURIComponent(cid)}`, signal === undefined ? {} : { signal })
  if (!response.ok) {
    throw new ApiError(
      'content.missing',
      'Nobody here has this content.',
      'Ask another gateway for its CID.',
      response.status >= 500,
    )
  }
  const bytes = new Uint8Array(await response.arrayBuffer())
  if ((await cidOf(bytes)) === cid) return bytes
  throw new ApiError(
    'content.hash_mismatch',
    'The content is not what its CID names, and is not shown.',
    'Ask another gateway for its CID.',
    false,
  )
}

export async function cidOf(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  return `b${base32(Uint8Array.of(...PREFIX, ...digest))}`
}

/** RFC 4648 in lower case, without padding. */
function base32(bytes: Uint8Array): string {
  let text = ''
  let held = 0
  let bits = 0
  for (const byte of bytes) {
    held = (held << 8) | byte
    bits += 8
    while (bits >= 5) {
      bits -= 5
      text += BASE32[(held >> bits) & 31]
    }
    held &= (1 << bits) - 1
  }
  return bits === 0 ? text : text + BASE32[(held << (5 - bits)) & 31]
}
