import { TypedDataEncoder, Wallet } from 'ethers'
import { describe, expect, test } from 'vitest'
import { type AnswerReceipt, receiptHash, receiptSigner, signReceipt } from './receipt.ts'
import { inferenceDomain } from './typed-data.ts'
import { signVoucher, type Voucher, voucherHash, voucherSigner } from './voucher.ts'

const wallet = new Wallet(`0x${'11'.repeat(32)}`)
const account = wallet.address.toLowerCase() as `0x${string}`
const domain = inferenceDomain(31337, `0x${'22'.repeat(20)}`)
const id = (n: number) => `0x${n.toString(16).padStart(64, '0')}` as const

const voucher: Voucher = {
  payer: account,
  node: `0x${'33'.repeat(20)}`,
  modelId: id(1),
  cumulativeWei: '1000',
  expiresAt: '2000000000',
}

const receipt: AnswerReceipt = {
  requestHash: id(1),
  responseHash: id(2),
  baseModelId: id(3),
  modelId: id(4),
  engineHash: id(5),
  previousReceipt: id(0),
  promptTokens: '7',
  completionTokens: '9',
  priceWei: '340282366920938463463374607431768211455', // 2^128 - 1
  payer: `0x${'44'.repeat(20)}`,
  node: account,
  sequence: '0',
  timestampMs: '1790000000000',
}

describe('vouchers', () => {
  test('the signer of a voucher is recovered', async () => {
    expect(voucherSigner(domain, await signVoucher(wallet, domain, voucher))).toBe(account)
  })

  test.each([
    { payer: `0x${'99'.repeat(20)}` },
    { node: `0x${'99'.repeat(20)}` },
    { modelId: id(9) },
    { cumulativeWei: '1001' },
    { expiresAt: '2000000001' },
  ] as Partial<Voucher>[])('changing %o changes the hash and loses the signer', async (change) => {
    const signed = await signVoucher(wallet, domain, voucher)
    expect(voucherHash(domain, { ...voucher, ...change })).not.toBe(voucherHash(domain, voucher))
    expect(voucherSigner(domain, { ...signed, ...change })).not.toBe(account)
  })

  test('a voucher of another chain or escrow is another message', () => {
    const hash = voucherHash(domain, voucher)
    expect(voucherHash(inferenceDomain(1, `0x${'22'.repeat(20)}`), voucher)).not.toBe(hash)
    expect(voucherHash(inferenceDomain(31337, `0x${'23'.repeat(20)}`), voucher)).not.toBe(hash)
  })
})

describe('receipts', () => {
  test('a receipt is known by its EIP-712 hash and signed by its node', async () => {
    const signed = await signReceipt(wallet, domain, receipt)
    expect(signed.receiptHash).toBe(receiptHash(domain, receipt))
    expect(receiptSigner(domain, signed)).toBe(receipt.node)
  })

  test.each(Object.keys(receipt) as (keyof AnswerReceipt)[])('%s is part of the hash', (field) => {
    const value = receipt[field]
    const other = value.startsWith('0x')
      ? `${value.slice(0, -1)}${value.endsWith('f') ? 'e' : 'f'}`
      : String(BigInt(value) / 2n + 1n)
    expect(receiptHash(domain, { ...receipt, [field]: other })).not.toBe(receiptHash(domain, receipt))
  })

  test('the domain names the escrow and the chain', () => {
    expect(TypedDataEncoder.hashDomain(domain)).not.toBe(TypedDataEncoder.hashDomain({ ...domain, chainId: 1 }))
  })
})
