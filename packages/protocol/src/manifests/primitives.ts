import { z } from 'zod'
import { digestOfCid } from '../digest.ts'

/** 32 bytes in lower-case hex: an id, root, hash or digest. */
export const bytes32 = z.string().regex(/^0x[0-9a-f]{64}$/, 'must be 0x and 64 lower-case hex digits') as z.ZodType<
  `0x${string}`,
  `0x${string}`
>

/** An account in lower-case hex: one spelling, so that equal accounts are equal strings. */
export const address = z.string().regex(/^0x[0-9a-f]{40}$/, 'must be 0x and 40 lower-case hex digits') as z.ZodType<
  `0x${string}`,
  `0x${string}`
>

export const signature = z.string().regex(/^0x([0-9a-f]{2}){1,4096}$/i, 'must be a hex signature')

/** An unsigned integer as a decimal string: JSON numbers lose digits above 2^53. */
export function uint(bits: 32 | 64 | 96 | 128 | 256) {
  const limit = 2n ** BigInt(bits)
  return z
    .string()
    .regex(/^(0|[1-9][0-9]{0,77})$/, { error: 'must be a decimal integer', abort: true })
    .refine((text) => BigInt(text) < limit, `must be below 2^${bits}`)
}

/** A signed integer as a decimal string. */
export const integer = z.string().regex(/^(0|-?[1-9][0-9]{0,77})$/, 'must be a decimal integer')

export const cid = z.string().refine((text) => {
  try {
    digestOfCid(text)
    return true
  } catch {
    return false
  }
}, 'must be a CIDv1 (raw, sha2-256, base32)')

/** `<datanet id>-<version>`: a contribution is the step to that version of its Datanet, as the index numbers them. */
export const contributionId = z.string().regex(/^0x[0-9a-f]{64}-[1-9][0-9]{0,9}$/, 'must be <datanet id>-<version>')

/** A Datanet as of a block, which is how the chain names a version, and how many contributions that were. */
export const datanetVersion = z.object({ id: bytes32, version: z.int().min(1), asOfBlock: z.int().min(1) })
