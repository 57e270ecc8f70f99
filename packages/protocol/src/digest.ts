import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'
import { CID } from 'multiformats/cid'
import * as raw from 'multiformats/codecs/raw'
import { create as multihash } from 'multiformats/hashes/digest'
import { OpenLedgerError } from './error.ts'

/** `0x` and 64 lower-case hex digits: the sha2-256 of some content, as contracts hold it. */
export type Digest = `0x${string}`

const SHA2_256 = 0x12

/** The sha2-256 of `bytes`. */
export function digestOf(bytes: Uint8Array): Digest {
  return `0x${bytesToHex(sha256(bytes))}`
}

/** The CIDv1 (raw, sha2-256, base32) of the content whose digest this is. */
export function cidOfDigest(digest: Digest): string {
  return CID.createV1(raw.code, multihash(SHA2_256, digestBytes(digest))).toString()
}

/** The CIDv1 of `bytes`. */
export function cidOf(bytes: Uint8Array): string {
  return cidOfDigest(digestOf(bytes))
}

/**
 * The digest inside a CID.
 * @throws cid.malformed unless it is a CIDv1, raw, sha2-256: the only kind that contracts can name in 32 bytes.
 */
export function digestOfCid(cid: string): Digest {
  let parsed: CID
  try {
    parsed = CID.parse(cid)
  } catch (cause) {
    throw malformedCid(cid, cause)
  }
  const isOurs = parsed.version === 1 && parsed.code === raw.code && parsed.multihash.code === SHA2_256
  if (!isOurs || parsed.toString() !== cid) throw malformedCid(cid)
  return `0x${bytesToHex(parsed.multihash.digest)}`
}

/** The 32 bytes of a digest, root or id. */
export function digestBytes(digest: string): Uint8Array {
  if (!/^0x[0-9a-f]{64}$/.test(digest)) {
    throw new OpenLedgerError('digest.malformed', 'This is not a 32-byte digest.', {
      facts: { digest: digest.slice(0, 80) },
      nextStep: 'Give 0x and 64 lower-case hex digits.',
    })
  }
  return hexToBytes(digest.slice(2))
}

function malformedCid(cid: string, cause?: unknown): OpenLedgerError {
  return new OpenLedgerError('cid.malformed', 'This is not a CIDv1 of raw content with a sha2-256 hash in base32.', {
    facts: { cid: cid.slice(0, 80) },
    nextStep:
      'Add the content with `ipfs add --cid-version=1 --raw-leaves`, or through this platform, and use that CID.',
    cause,
  })
}
