import { BigInt, Bytes } from '@graphprotocol/graph-ts'

/** A number as the 32 bytes, big-endian, that name it on chain: an agent's pool, a proposal. */
export function wordOf(number: BigInt): Bytes {
  const word = new Bytes(32)
  for (let i = 0; i < number.length && i < 32; i++) word[31 - i] = number[i]
  return word
}

/** Whether a pool's name is an agent's number: those fit 8 bytes, and a model's id is a hash. */
export function isAgentWord(word: Bytes): boolean {
  for (let i = 0; i < 24; i++) if (word[i] != 0) return false
  return true
}
