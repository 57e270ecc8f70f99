import { fc, test as property } from '@fast-check/vitest'
import { inferenceDomain, type SignedVoucher, signVoucher, type Voucher } from '@openledger/protocol'
import { Wallet } from 'ethers'
import { beforeEach, describe, expect, it } from 'vitest'
import { openDatabase } from '../store/database.ts'
import type { Escrow } from './escrow.ts'
import { PaymentError } from './payment-error.ts'
import { VoucherDesk } from './voucher-desk.ts'
import { encodeVoucher } from './voucher-header.ts'

const address = (digit: string) => `0x${digit.repeat(40)}` as const
const modelId = `0x${'3'.repeat(64)}` as const
const otherModelId = `0x${'4'.repeat(64)}` as const
const node = address('a')
const domain = inferenceDomain(31337, address('e'))
const payerKey = new Wallet(`0x${'11'.repeat(32)}`)
const sessionKey = new Wallet(`0x${'22'.repeat(32)}`)
const payer = payerKey.address.toLowerCase() as `0x${string}`
const NOW_S = 1_800_000_000n

/** An escrow whose state a test sets. */
class EscrowState implements Escrow {
  balanceWei = 1_000_000n
  settled = 0n
  readonly signers = new Set<string>()
  accepted: string | null = null
  timeS = async () => NOW_S
  availableWei = async () => this.balanceWei
  settledWei = async () => this.settled
  isSigner = async (_payer: string, account: string) => this.signers.has(account)
  acceptsSignature = async (_payer: string, _digest: string, signature: string) => signature === this.accepted
  forget = () => undefined
}

let escrow: EscrowState
let desk: VoucherDesk
beforeEach(() => {
  escrow = new EscrowState()
  desk = openDesk()
})

function openDesk(): VoucherDesk {
  const database = openDatabase(':memory:', { chainId: 31337, escrow: address('e'), node })
  return new VoucherDesk(database, escrow, { domain, node, minLifetimeMs: 60_000 })
}

function voucher(cumulativeWei: bigint, changes: Partial<Voucher> = {}): Voucher {
  return { payer, node, modelId, cumulativeWei: String(cumulativeWei), expiresAt: String(NOW_S + 3600n), ...changes }
}

async function signed(cumulativeWei: bigint, changes: Partial<Voucher> = {}, key = payerKey): Promise<string> {
  return encodeVoucher(await signVoucher(key, domain, voucher(cumulativeWei, changes)))
}

async function refusal(header: string | undefined, amountWei = 100n, model = modelId): Promise<PaymentError> {
  const error = await desk.reserve(header, { modelId: model, amountWei }).catch((error) => error)
  expect(error).toBeInstanceOf(PaymentError)
  return error
}

describe('VoucherDesk', () => {
  it('reserves what a voucher covers, and charges what was used', async () => {
    const first = await desk.reserve(await signed(100n), { modelId, amountWei: 100n })
    desk.charge(first, 30n)
    desk.release(first)
    // 30 spent: 70 of the last 100 are free again, so 130 cover another 100.
    const second = await desk.reserve(await signed(130n), { modelId, amountWei: 100n })
    desk.release(second)
    expect((await refusal(await signed(131n), 102n)).requirements).toMatchObject({
      spentWei: '30',
      cumulativeWei: '132',
    })
  })

  it('never charges more than was reserved', async () => {
    const reservation = await desk.reserve(await signed(100n), { modelId, amountWei: 100n })
    expect(() => desk.charge(reservation, 101n)).toThrow('exceeds')
  })

  it('asks for payment when there is no voucher, and tells nothing about any payer', async () => {
    const error = await refusal(undefined)
    expect(error.code).toBe('voucher.missing')
    expect(error.requirements).toEqual({
      node,
      modelId,
      escrow: address('e'),
      chainId: 31337,
      cumulativeWei: '100',
      spentWei: '0',
      expiresAt: String(NOW_S + 60n),
      balanceWei: null,
    })
  })

  it.each(['', 'x', '{}', Buffer.from('{"payer":1}').toString('base64'), 'A'.repeat(20_000)])(
    'refuses a header that holds no voucher: %.10s',
    async (header) => {
      expect((await refusal(header)).code).toBe('voucher.malformed')
    },
  )

  it('refuses a voucher a second time, and any that is lower', async () => {
    const header = await signed(500n)
    desk.release(await desk.reserve(header, { modelId, amountWei: 100n }))
    const replayed = await refusal(header)
    expect([replayed.code, replayed.requirements.cumulativeWei]).toEqual(['voucher.stale', '501'])
    expect((await refusal(await signed(499n))).code).toBe('voucher.stale')
  })

  it('refuses a voucher that does not cover the request', async () => {
    const error = await refusal(await signed(99n))
    expect([error.code, error.requirements.cumulativeWei]).toEqual(['voucher.insufficient', '100'])
  })

  it('refuses a voucher that expires before it can be settled', async () => {
    const error = await refusal(await signed(100n, { expiresAt: String(NOW_S + 59n) }))
    expect([error.code, error.requirements.expiresAt]).toEqual(['voucher.expired', String(NOW_S + 60n)])
  })

  it('refuses vouchers for another node or model', async () => {
    expect((await refusal(await signed(100n, { node: address('b') }))).code).toBe('voucher.wrong_node')
    expect((await refusal(await signed(100n, { modelId: otherModelId }))).code).toBe('voucher.wrong_model')
  })

  it('refuses a voucher signed for another chain or escrow', async () => {
    for (const foreign of [inferenceDomain(1, address('e')), inferenceDomain(31337, address('f'))]) {
      const header = encodeVoucher(await signVoucher(payerKey, foreign, voucher(100n)))
      expect((await refusal(header)).code).toBe('voucher.bad_signature')
    }
  })

  it('refuses a voucher whose members were changed after signing', async () => {
    const good = await signVoucher(payerKey, domain, voucher(100n))
    const changes: Partial<SignedVoucher>[] = [
      { cumulativeWei: '101' },
      { expiresAt: String(NOW_S + 7200n) },
      { payer: address('c') },
      { signature: `${good.signature.slice(0, -4)}0000` },
      { signature: '0x00' },
    ]
    for (const change of changes) {
      expect((await refusal(encodeVoucher({ ...good, ...change }))).code).toBe('voucher.bad_signature')
    }
  })

  it('takes a session key that the payer allowed, and no other', async () => {
    expect((await refusal(await signed(100n, {}, sessionKey))).code).toBe('voucher.bad_signature')
    escrow.signers.add(sessionKey.address.toLowerCase())
    await desk.reserve(await signed(100n, {}, sessionKey), { modelId, amountWei: 100n })
  })

  it('takes what a contract that pays accepts as its signature', async () => {
    const contract = { ...voucher(100n, { payer: address('c') }), signature: '0x1234' }
    expect((await refusal(encodeVoucher(contract))).code).toBe('voucher.bad_signature')
    escrow.accepted = '0x1234'
    await desk.reserve(encodeVoucher(contract), { modelId, amountWei: 100n })
  })

  it('refuses what the balance does not cover', async () => {
    escrow.balanceWei = 99n
    const error = await refusal(await signed(100n))
    expect([error.code, error.requirements.balanceWei]).toEqual(['escrow.insufficient', '99'])
  })

  it('counts what the payer owes over all its models against one balance', async () => {
    escrow.balanceWei = 150n
    await desk.reserve(await signed(100n), { modelId, amountWei: 100n })
    const other = await signed(100n, { modelId: otherModelId })
    expect((await refusal(other, 100n, otherModelId)).code).toBe('escrow.insufficient')
    await desk.reserve(await signed(50n, { modelId: otherModelId }), { modelId: otherModelId, amountWei: 50n })
  })

  it('begins a channel where the chain says it stands', async () => {
    escrow.settled = 5000n
    const error = await refusal(await signed(100n))
    expect([error.code, error.requirements.spentWei, error.requirements.cumulativeWei]).toEqual([
      'voucher.stale',
      '5000',
      '5100',
    ])
    await desk.reserve(await signed(5100n), { modelId, amountWei: 100n })
  })

  it('serves one of many concurrent requests with the same voucher', async () => {
    const header = await signed(100n)
    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, () => desk.reserve(header, { modelId, amountWei: 100n })),
    )
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  })

  it('serves concurrent requests only as far as their vouchers go together', async () => {
    const headers = await Promise.all([100n, 150n, 200n, 250n, 300n].map((wei) => signed(wei)))
    const outcomes = await Promise.allSettled(
      headers.map((header) => desk.reserve(header, { modelId, amountWei: 100n })),
    )
    expect(outcomes.map(({ status }) => status === 'fulfilled')).toEqual([true, false, true, false, true])
  })

  property.prop(
    [
      fc.array(fc.tuple(fc.integer({ min: 0, max: 400 }), fc.integer({ min: 1, max: 90 }), fc.nat(90), fc.nat(4)), {
        maxLength: 25,
      }),
    ],
    { numRuns: 15, seed: 7 },
  )('serves no more than was promised and deposited, whatever vouchers come in whatever order', async (requests) => {
    escrow = new EscrowState()
    escrow.balanceWei = 300n
    const local = openDesk()
    const open: { release(): void }[] = []
    let [spentWei, reservedWei, promisedWei] = [0n, 0n, 0n]
    const accepted: number[] = []
    for (const [cumulative, amount, used, holdFor] of requests) {
      const amountWei = BigInt(amount)
      const reservation = await local
        .reserve(await signed(BigInt(cumulative)), { modelId, amountWei })
        .catch(() => null)
      if (reservation === null) continue
      accepted.push(cumulative)
      promisedWei = BigInt(cumulative)
      reservedWei += amountWei
      expect(spentWei + reservedWei).toBeLessThanOrEqual(promisedWei)
      expect(spentWei + reservedWei).toBeLessThanOrEqual(escrow.balanceWei)
      open.push({
        release: () => {
          const priceWei = BigInt(Math.min(used, amount))
          local.charge(reservation, priceWei)
          local.release(reservation)
          spentWei += priceWei
          reservedWei -= amountWei
        },
      })
      while (open.length > holdFor) open.shift()!.release()
    }
    expect(accepted).toEqual([...new Set(accepted)].sort((a, b) => a - b))
  })
})
