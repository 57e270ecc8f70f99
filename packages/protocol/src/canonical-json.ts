import canonicalize from 'canonicalize'
import { type Digest, digestOf } from './digest.ts'
import { OpenLedgerError } from './error.ts'

/**
 * JSON that everybody spells alike, so that equal values have equal hashes.
 * @see RFC 8785 (JSON Canonicalization Scheme)
 * @throws json.not_canonical for what JSON cannot hold: undefined, NaN, bigint, functions, cycles
 */
export function canonicalJson(value: unknown): Uint8Array {
  let text: string | undefined
  try {
    text = canonicalize(value)
  } catch (cause) {
    throw notCanonical(cause)
  }
  if (text === undefined) throw notCanonical()
  return new TextEncoder().encode(text)
}

/** The sha2-256 of a value's canonical JSON. */
export function jsonDigest(value: unknown): Digest {
  return digestOf(canonicalJson(value))
}

function notCanonical(cause?: unknown): OpenLedgerError {
  return new OpenLedgerError('json.not_canonical', 'This value has no canonical JSON.', {
    nextStep: 'Write big integers as decimal strings and leave undefined members out.',
    cause,
  })
}
