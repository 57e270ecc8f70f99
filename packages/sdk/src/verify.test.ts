import { Wallet } from 'ethers'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { EARNERS, type Lies, type ToldWorld, tellWorld } from './testing/told-world.ts'
import { verifyAnswer } from './verify.ts'

let world: ToldWorld | undefined
afterEach(() => {
  world?.provider.destroy()
  vi.unstubAllGlobals()
})

async function verify(lies: Lies = {}, tamper: (told: ToldWorld) => void = () => {}) {
  const told = await tellWorld(lies)
  world = told
  tamper(told)
  vi.stubGlobal('fetch', async (url: string) => {
    const bytes = told.replies.get(new URL(url).pathname)
    return new Response((bytes ?? null) as Uint8Array<ArrayBuffer> | null, { status: bytes === undefined ? 404 : 200 })
  })
  return verifyAnswer(told.network, told.provider, told.receiptHash)
}

const failed = async (lies: Lies) => (await verify(lies)).findings.filter(({ ok }) => !ok).map(({ check }) => check)

describe('verifying an answer', () => {
  test('follows it from the receipt to the root, and every step holds', async () => {
    const { ok, findings } = await verify()
    expect(findings.filter((finding) => !finding.ok)).toEqual([])
    expect([ok, findings.length]).toEqual([true, 11])
    for (const { why } of findings) expect(why).not.toBe('')
  })

  test.each<[lie: string, told: Lies, check: string[]]>([
    ['a receipt signed by somebody else', { signer: new Wallet(`0x${'4'.repeat(64)}`) }, ['signature']],
    ['a price changed after signing', { price: '101' }, ['receipt hash', 'signature']],
    ['a batch that was never anchored', { receiptsRoot: `0x${'1'.repeat(64)}` }, ['in the anchored batch']],
    ['another root than on chain', { root: `0x${'1'.repeat(64)}` }, ['root of the rewards']],
    ['the evidence of another answer', { evidenceOf: `0x${'1'.repeat(64)}` }, ['evidence of this answer']],
    ['a share for nobody’s record', { shares: share('f', 0, '40') }, ['shares follow from the evidence']],
    [
      'a share that is too large',
      { shares: share('d', 0, '40') },
      ['shares follow from the evidence', 'reward leaves'],
    ],
    ['an account without its leaf', { amounts: new Map([[EARNERS[0], 40n]]) }, ['reward leaves']],
    ['an answer that no epoch pays', { isPaid: false }, ['paid by an epoch']],
  ])('finds %s', async (_, lies, checks) => {
    const found = await failed(lies)
    for (const check of checks) expect(found).toContain(check)
  })

  test('takes no content that is not what its CID names, whoever serves it', async () => {
    const forge = ({ replies }: ToldWorld) => {
      for (const path of replies.keys()) if (path.startsWith('/ipfs/')) replies.set(path, new Uint8Array([1]))
    }
    await expect(verify({}, forge)).rejects.toMatchObject({ code: 'content.hash_mismatch' })
  })

  test('says when no settled answer has the receipt, and when the receipt is none', async () => {
    const unsettled = ({ replies }: ToldWorld) =>
      replies.set('/graphql', new TextEncoder().encode('{"data":{"answer":null}}'))
    await expect(verify({}, unsettled)).rejects.toMatchObject({ code: 'answer.unknown', retryable: true })
    const { network, provider } = world!
    await expect(verifyAnswer(network, provider, '0x12')).rejects.toMatchObject({ code: 'receipt.malformed' })
  })
})

function share(digit: string, earner: 0 | 1, amountWei: string) {
  return [{ account: EARNERS[earner], canonical: `0x${digit.repeat(64)}` as const, amountWei }]
}
