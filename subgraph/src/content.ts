import { Bytes } from '@graphprotocol/graph-ts'

// CIDv1, raw codec, multihash sha2-256 of 32 bytes: what stands before every digest.
const CID_PREFIX: u8[] = [0x01, 0x55, 0x12, 0x20]
const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567'
const CID_LENGTH = 59 // 'b' and 36 bytes in base32 without padding

/** The CID of the content whose sha2-256 this is. */
export function cidOfDigest(digest: Bytes): string {
  let text = 'b'
  let bits: u32 = 0
  let count: u32 = 0
  for (let i = 0; i < 36; i++) {
    bits = (bits << 8) | (i < 4 ? CID_PREFIX[i] : digest[i - 4])
    count += 8
    while (count >= 5) {
      count -= 5
      text += BASE32.charAt((bits >> count) & 31)
    }
    bits &= (1 << count) - 1
  }
  return text + BASE32.charAt((bits << (5 - count)) & 31)
}

/** The sha2-256 inside a CID; null unless it is a CIDv1 of raw content, spelt the one canonical way. */
export function digestOfCid(cid: string): Bytes | null {
  if (cid.length != CID_LENGTH || cid.charAt(0) != 'b') return null
  const bytes = new Uint8Array(36)
  let bits: u32 = 0
  let count: u32 = 0
  let at: i32 = 0
  for (let i = 1; i < CID_LENGTH; i++) {
    const digit = BASE32.indexOf(cid.charAt(i))
    if (digit < 0) return null
    bits = (bits << 5) | digit
    count += 5
    if (count >= 8) {
      count -= 8
      bytes[at++] = (bits >> count) as u8
      bits &= (1 << count) - 1
    }
  }
  if (bits != 0) return null // bits beyond the last byte: another spelling of the same CID
  for (let i = 0; i < 4; i++) if (bytes[i] != CID_PREFIX[i]) return null
  return Bytes.fromUint8Array(bytes.slice(4))
}
