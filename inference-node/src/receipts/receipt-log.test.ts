import { inferenceDomain, jsonDigest, type RequestTranscript, receiptHash, receiptSigner } from '@openledger/protocol'
import { Wallet } from 'ethers'
import { describe, expect, it } from 'vitest'
import { openDatabase } from '../store/database.ts'
import { ReceiptLog } from './receipt-log.ts'

const signer = new Wallet(`0x${'33'.repeat(32)}`)
const node = signer.address.toLowerCase()
const escrow = `0x${'e'.repeat(40)}`
const domain = inferenceDomain(31337, escrow)
const zero = `0x${'0'.repeat(64)}` as const

const request = (prompt: string): RequestTranscript => ({
  kind: 'openledger/request@1',
  modelId: `0x${'3'.repeat(64)}`,
  prompt,
  promptTokenIds: [1, 2, 3],
  maxTokens: 8,
  temperature: 0.5,
  topP: 1,
  seed: 4,
  stop: [],
  nonce: `0x${'9'.repeat(64)}`,
})

const answer = (prompt: string): ReceiptLog.Answer => ({
  request: request(prompt),
  response: { kind: 'openledger/response@1', tokenIds: [4, 5], text: 'ab', finishReason: 'length' },
  baseModelId: `0x${'2'.repeat(64)}`,
  engineHash: `0x${'8'.repeat(64)}`,
  priceWei: 12n,
  payer: `0x${'5'.repeat(40)}`,
  timestampMs: 1_800_000_000_000,
})

const open = () => openDatabase(':memory:', { chainId: 31337, escrow, node })
const start = { sequence: 0, previousReceipt: zero } as const

describe('ReceiptLog', () => {
  it('chains concurrent receipts without gaps, signed, with the hashes of their transcripts', async () => {
    const log = new ReceiptLog(open(), start, { signer, domain, node })
    const signed = await Promise.all(Array.from({ length: 10 }, (_, i) => log.append(answer(`p${i}`), () => undefined)))
    let previous: string = zero
    for (const [i, one] of signed.entries()) {
      expect(one.receipt).toMatchObject({
        sequence: String(i),
        previousReceipt: previous,
        promptTokens: '3',
        completionTokens: '2',
      })
      expect(one.receipt.requestHash).toBe(jsonDigest(request(`p${i}`)))
      expect(one.receiptHash).toBe(receiptHash(domain, one.receipt))
      expect(receiptSigner(domain, one)).toBe(node)
      expect(log.find(one.receiptHash)).toMatchObject({ signed: one, request: request(`p${i}`) })
      previous = one.receiptHash
    }
  })

  it('goes on after a restart, and after the chain where its own book is empty', async () => {
    const database = open()
    const first = await new ReceiptLog(database, start, { signer, domain, node }).append(answer('a'), () => undefined)
    const again = new ReceiptLog(database, { sequence: 99, previousReceipt: zero }, { signer, domain, node })
    expect((await again.append(answer('b'), () => undefined)).receipt).toMatchObject({
      sequence: '1',
      previousReceipt: first.receiptHash,
    })
    const chainStart = { sequence: 41, previousReceipt: first.receiptHash }
    const fresh = new ReceiptLog(open(), chainStart, { signer, domain, node })
    expect((await fresh.append(answer('c'), () => undefined)).receipt.sequence).toBe('41')
  })

  it('stores neither receipt nor number when the charge fails', async () => {
    const log = new ReceiptLog(open(), start, { signer, domain, node })
    const failing = log.append(answer('a'), () => {
      throw new Error('no such channel')
    })
    await expect(failing).rejects.toThrow('no such channel')
    expect((await log.append(answer('b'), () => undefined)).receipt.sequence).toBe('0')
  })

  it('publishes each transcript once, and goes on after a fault', async () => {
    const log = new ReceiptLog(open(), start, { signer, domain, node })
    for (const prompt of ['a', 'b', 'c']) await log.append(answer(prompt), () => undefined)
    const put: string[] = []
    let calls = 0
    const faulty = async (bytes: Uint8Array) => {
      if (++calls === 4) throw new Error('store is down')
      put.push(new TextDecoder().decode(bytes))
    }
    await expect(log.publish(faulty)).rejects.toThrow('store is down')
    expect(await log.publish(faulty)).toBe(2)
    expect(await log.publish(faulty)).toBe(0)
    const prompts = put.filter((json) => json.includes('request@1')).map((json) => JSON.parse(json).prompt)
    expect(new Set(prompts)).toEqual(new Set(['a', 'b', 'c']))
  })
})
