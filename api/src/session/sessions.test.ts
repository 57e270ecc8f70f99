import { Wallet } from 'ethers'
import { expect, test } from 'vitest'
import { Sessions } from './sessions.ts'

const origin = new URL('https://api.example.org')
const wallet = new Wallet(`0x${'1'.repeat(64)}`)
const account = wallet.address.toLowerCase()
let now = 1_790_000_000_000
const sessions = new Sessions(31_337, Buffer.alloc(32, 1), () => now)

async function signed(change: (message: string) => string = (message) => message) {
  const message = change(sessions.message(account, origin))
  return { message, signature: await wallet.signMessage(message) }
}

test('who signs the message gets a session that is theirs until it is over', async () => {
  const { message, signature } = await signed()
  const session = sessions.open(message, signature, origin)
  expect(session.account).toBe(account)
  expect(sessions.account(session.token)).toBe(account)
  now += 24 * 3_600_000
  expect(sessions.account(session.token)).toBeNull()
})

test('a message opens one session only', async () => {
  const { message, signature } = await signed()
  sessions.open(message, signature, origin)
  expect(() => sessions.open(message, signature, origin)).toThrow(
    expect.objectContaining({ code: 'session.refused', facts: { reason: 'its nonce was used' } }),
  )
})

test.each([
  ['for another site', (text: string) => text.replace('api.example.org', 'evil.example')],
  ['with the URI of another site', (text: string) => text.replace('https://api', 'https://evil')],
  ['for another chain', (text: string) => text.replace('Chain ID: 31337', 'Chain ID: 1')],
  ['with a nonce of one’s own', (text: string) => text.replace(/Nonce: .*/, `Nonce: ${'a'.repeat(92)}`)],
  ['without a nonce', (text: string) => text.replace(/Nonce: .*\n/, '')],
  ['without an end', (text: string) => text.replace(/Expiration Time: .*/, '')],
  ['that is over', (text: string) => text.replace(/Expiration Time: .*/, 'Expiration Time: 2001-01-01T00:00:00Z')],
  ['of nobody', () => 'let me in'],
])('a message %s opens none', async (_, change) => {
  const { message, signature } = await signed(change)
  expect(() => sessions.open(message, signature, origin)).toThrow(expect.objectContaining({ code: 'session.refused' }))
})

test('a message that somebody else signed opens none', async () => {
  const message = sessions.message(account, origin)
  const signature = await new Wallet(`0x${'2'.repeat(64)}`).signMessage(message)
  expect(() => sessions.open(message, signature, origin)).toThrow(expect.objectContaining({ code: 'session.refused' }))
  expect(() => sessions.open(message, '0x12', origin)).toThrow(expect.objectContaining({ code: 'session.refused' }))
})

test('an old message opens none, whatever end it names', async () => {
  const { message, signature } = await signed((text) =>
    text.replace(/Expiration Time: .*/, 'Expiration Time: 2999-01-01T00:00:00Z'),
  )
  now += 11 * 60_000
  expect(() => sessions.open(message, signature, origin)).toThrow(expect.objectContaining({ code: 'session.refused' }))
})

test('a token that was changed is nobody’s', async () => {
  const { message, signature } = await signed()
  const { token } = sessions.open(message, signature, origin)
  for (const other of [token.replace(/^0x../, '0x00'), `${token.slice(0, -1)}0`, '', 'x', undefined]) {
    if (other !== token) expect(sessions.account(other)).toBeNull()
  }
  expect(new Sessions(31_337).account(token)).toBeNull()
})
