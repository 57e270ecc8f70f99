import { keccak256 } from 'ethers'
import { expect, test, vi } from 'vitest'
import { keccakBatch } from './keccak-batch.ts'

/** Bytes that look like nothing in particular, always the same. */
function someBytes(length: number): Uint8Array {
  let state = 1
  return Uint8Array.from({ length }, () => {
    state = Math.imul(state, 48271) % 0x7fffffff
    return state >>> 8
  })
}

test.each([32, 64] as const)('%i-byte inputs have the hashes that ethers gives, over more than one batch', (bytes) => {
  const n = 2_500
  const inputs = someBytes(n * bytes)
  const hashes = new Uint8Array(n * 32)
  keccakBatch(inputs, bytes, hashes)
  for (let i = 0; i < n; i++) {
    const hash = Buffer.from(hashes.subarray(i * 32, i * 32 + 32)).toString('hex')
    expect(`0x${hash}`).toBe(keccak256(inputs.subarray(i * bytes, i * bytes + bytes)))
  }
})

test('no input gives no hash', () => {
  const hashes = new Uint8Array(0)
  keccakBatch(new Uint8Array(0), 64, hashes)
  expect(hashes).toEqual(new Uint8Array(0))
})

test('without WebAssembly the hashes are the same', async () => {
  vi.resetModules()
  vi.stubGlobal('WebAssembly', undefined)
  try {
    const { keccakBatch: withoutIt } = await import('./keccak-batch.ts')
    const inputs = someBytes(64 * 3)
    const [expected, hashes] = [new Uint8Array(96), new Uint8Array(96)]
    withoutIt(inputs, 64, hashes)
    keccakBatch(inputs, 64, expected)
    expect(hashes).toEqual(expected)
  } finally {
    vi.unstubAllGlobals()
  }
})
