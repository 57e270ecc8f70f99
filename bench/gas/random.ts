import { createHash } from 'node:crypto'

/** 32 bytes that look like any others, the same on every machine: zero bytes would make calldata cheaper than it is. */
export function bytesOf(name: string): Buffer {
  return createHash('sha256').update(name).digest()
}

export const hexOf = (name: string): string => `0x${bytesOf(name).toString('hex')}`

export const accountOf = (name: string): string => hexOf(name).slice(0, 42)
