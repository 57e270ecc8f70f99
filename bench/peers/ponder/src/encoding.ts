import { type Hex, keccak256 } from 'viem'

const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567'

/** As `Bytes.concatI32` of graph-ts: 4 bytes, little-endian. */
export function concatI32(bytes: Hex, number: number): Hex {
  const word = number.toString(16).padStart(8, '0')
  return `${bytes}${word.slice(6, 8)}${word.slice(4, 6)}${word.slice(2, 4)}${word.slice(0, 2)}`
}

export function concat(first: Hex, ...rest: Hex[]): Hex {
  return rest.reduce((all, bytes) => `${all}${bytes.slice(2)}` as Hex, first.toLowerCase() as Hex).toLowerCase() as Hex
}

export function wordOf(number: bigint): Hex {
  return `0x${number.toString(16).padStart(64, '0')}`
}

/** The CID of the content whose sha2-256 this is. */
export function cidOfDigest(digest: Hex): string {
  const bytes = Buffer.from(`01551220${digest.slice(2)}`, 'hex')
  let text = 'b'
  let bits = 0
  let count = 0
  for (const byte of bytes) {
    bits = (bits << 8) | byte
    count += 8
    while (count >= 5) {
      count -= 5
      text += BASE32[(bits >> count) & 31]
    }
    bits &= (1 << count) - 1
  }
  return text + BASE32[(bits << (5 - count)) & 31]
}

/** How the contracts name a contribution. */
export function standingIdOf(datanetId: Hex, contributor: Hex, manifestDigest: Hex, recordRoot: Hex): Hex {
  return keccak256(concat(datanetId, `0x${'0'.repeat(24)}`, contributor, manifestDigest, recordRoot))
}
