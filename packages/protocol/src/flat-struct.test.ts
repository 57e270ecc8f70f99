import { fc, test as property } from '@fast-check/vitest'
import { TypedDataEncoder, verifyTypedData, Wallet } from 'ethers'
import { describe, expect, test } from 'vitest'
import { FlatStruct } from './flat-struct.ts'
import { inferenceDomain } from './typed-data.ts'

const FIELDS = [
  { name: 'digest', type: 'bytes32' },
  { name: 'account', type: 'address' },
  { name: 'small', type: 'uint32' },
  { name: 'large', type: 'uint128' },
]
const struct = new FlatStruct('Thing', FIELDS)
const domain = inferenceDomain(31337, `0x${'2a'.repeat(20)}`)
const hex = (bytes: number) =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((raw) => `0x${Buffer.from(raw).toString('hex')}`)
const thing = fc.record({
  digest: hex(32),
  account: hex(20),
  small: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  large: fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }).map(String),
})

property.prop([thing, fc.nat()], { numRuns: 300 })('hashes as ethers does', (message, chainId) => {
  const other = inferenceDomain(chainId, `0x${'2b'.repeat(20)}`)
  expect(struct.hash(other, message)).toBe(TypedDataEncoder.hash(other, struct.types, message))
})

property.prop([thing], { numRuns: 20 })('signs as a wallet does, and knows who signed', async (message) => {
  const wallet = new Wallet(`0x${'44'.repeat(32)}`)
  const signature = await struct.sign(wallet, domain, message)
  expect(signature).toBe(await wallet.signTypedData(domain, struct.types, message))
  expect(struct.signer(domain, message, signature)).toBe(wallet.address.toLowerCase())
  expect(verifyTypedData(domain, struct.types, message, signature)).toBe(wallet.address)
})

test('a signer without a key in this process is asked by types', async () => {
  const asked: unknown[] = []
  const remote = { signTypedData: async (...parameters: unknown[]) => (asked.push(parameters), '0xabc') }
  const message = { digest: `0x${'0'.repeat(64)}`, account: `0x${'0'.repeat(40)}`, small: 1, large: '2' }
  expect(await struct.sign(remote as never, domain, message)).toBe('0xabc')
  expect(asked).toEqual([[domain, struct.types, message]])
})

test('a signature with the other half of s is refused', async () => {
  const message = { digest: `0x${'1'.repeat(64)}`, account: `0x${'1'.repeat(40)}`, small: 1, large: '2' }
  const signature = await struct.sign(new Wallet(`0x${'44'.repeat(32)}`), domain, message)
  const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n
  const s = order - BigInt(`0x${signature.slice(66, 130)}`)
  const v = signature.endsWith('1b') ? '1c' : '1b'
  const other = `${signature.slice(0, 66)}${s.toString(16).padStart(64, '0')}${v}`
  expect(() => struct.signer(domain, message, other)).toThrow(/non-canonical/)
})

describe('what does not fit its type is refused by its name', () => {
  const good = { digest: `0x${'1'.repeat(64)}`, account: `0x${'1'.repeat(40)}`, small: 1, large: '2' }
  test.each([
    ['digest', '0x12'],
    ['digest', `0x${'g'.repeat(64)}`],
    ['digest', `1x${'1'.repeat(64)}`],
    ['account', `0x${'1'.repeat(64)}`],
    ['small', -1],
    ['small', 2 ** 32],
    ['small', 1.5],
    ['large', '01'],
    ['large', '-1'],
    ['large', '1e3'],
    ['large', (2n ** 128n).toString()],
    ['large', undefined],
  ])('%s %j', (member, value) => {
    expect(() => struct.hash(domain, { ...good, [member]: value } as never)).toThrowError(
      expect.objectContaining({ code: 'typed_data.malformed', facts: expect.objectContaining({ member }) }),
    )
  })
})

test('a member of more than a word is none of this', () => {
  expect(() => new FlatStruct('Thing', [{ name: 'text', type: 'string' }])).toThrow('string is not of one word')
})
