import type { DatabaseSync } from 'node:sqlite'
import {
  cidOfDigest,
  inferenceDomain,
  jsonDigest,
  MerkleTree,
  type ReceiptsManifest,
  signVoucher,
} from '@openledger/protocol'
import type { HDNodeWallet } from 'ethers'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ChainEscrow } from '../payment/escrow.ts'
import { VoucherDesk } from '../payment/voucher-desk.ts'
import { encodeVoucher } from '../payment/voucher-header.ts'
import { openDatabase } from '../store/database.ts'
import { registerModel } from '../testing/lineage.ts'
import { type LocalChain, mined, startLocalChain } from '../testing/local-chain.ts'
import { BatchStore } from './batch-store.ts'
import { EscrowSettlement } from './escrow-settlement.ts'
import { ReceiptLog } from './receipt-log.ts'
import { Settler } from './settler.ts'

let chain: LocalChain
let escrowAddress: string
let modelId: `0x${string}`
let adapterId: `0x${string}`
beforeAll(async () => {
  chain = await startLocalChain()
  escrowAddress = (await chain.escrow.getAddress()).toLowerCase()
  modelId = await registerModel(chain.registry, { name: 'base', artefactDigest: `0x${'1'.repeat(64)}` })
  adapterId = await registerModel(chain.registry, {
    name: 'adapter',
    artefactDigest: `0x${'2'.repeat(64)}`,
    base: modelId,
  })
})
afterAll(() => chain.close())

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined }
let accounts = 1

/** A node with its own key and book, and what a test needs of it. */
function startNode(signer: HDNodeWallet = chain.account(accounts++), database?: DatabaseSync) {
  const node = signer.address.toLowerCase()
  const domain = inferenceDomain(31337, escrowAddress)
  const book = database ?? openDatabase(':memory:', { chainId: 31337, escrow: escrowAddress, node })
  const start = { sequence: 0, previousReceipt: `0x${'0'.repeat(64)}` } as const
  const log = new ReceiptLog(book, start, { signer, domain, node })
  const escrow = new ChainEscrow({ address: escrowAddress, provider: chain.provider, node, rememberMs: 0 })
  const desk = new VoucherDesk(book, escrow, { domain, node, minLifetimeMs: 60_000 })
  const settlement = new EscrowSettlement({
    address: escrowAddress,
    domain,
    provider: chain.provider,
    signer,
    startBlock: 0,
  })
  const published = new Map<string, unknown>()
  const batches = new BatchStore(book)
  const parts: Settler.Parts = {
    node,
    batches,
    chain: settlement,
    putJson: async (value) => {
      published.set(cidOfDigest(jsonDigest(value)), value)
      return cidOfDigest(jsonDigest(value))
    },
    publishTranscripts: async () => undefined,
    log: quiet,
  }
  let count = 0
  /** Serves one paid answer. */
  const answer = async (
    payer: HDNodeWallet,
    priceWei: bigint,
    options: { model?: string; expiresInS?: number } = {},
  ) => {
    const model = (options.model ?? adapterId) as `0x${string}`
    const payerAddress = payer.address.toLowerCase() as `0x${string}`
    const before = await desk.reserve(undefined, { modelId: model, amountWei: priceWei }).catch((error) => error)
    const time = Math.max(Math.floor(Date.now() / 1000), (await chain.provider.getBlock('latest'))!.timestamp)
    const voucher = await signVoucher(payer, domain, {
      payer: payerAddress,
      node: node as `0x${string}`,
      modelId: model,
      cumulativeWei: String(1000 + 1000 * ++count),
      expiresAt: String(time + (options.expiresInS ?? 3600)),
    })
    expect(before.code).toBe('voucher.missing')
    const reservation = await desk.reserve(encodeVoucher(voucher), { modelId: model, amountWei: priceWei })
    const signed = await log.append(
      {
        request: {
          kind: 'openledger/request@1',
          modelId: model,
          prompt: `prompt ${count}`,
          promptTokenIds: [1],
          maxTokens: 1,
          temperature: 0,
          topP: 1,
          seed: 0,
          stop: [],
          nonce: `0x${'9'.repeat(64)}`,
        },
        response: { kind: 'openledger/response@1', tokenIds: [1], text: 'a', finishReason: 'length' },
        baseModelId: modelId,
        engineHash: `0x${'8'.repeat(64)}`,
        priceWei,
        payer: payerAddress,
        timestampMs: Date.now(),
      },
      () => desk.charge(reservation, priceWei),
    )
    desk.release(reservation)
    return signed
  }
  const settledWei = async (payer: HDNodeWallet, model = adapterId): Promise<bigint> =>
    chain.escrow.getFunction('settledOf').staticCall(payer.address, node, model)
  return { node, signer, book, parts, batches, settlement, published, answer, settledWei, settler: new Settler(parts) }
}

type Faults = { chain?: Partial<EscrowSettlement>; batches?: Partial<BatchStore> }

/** The same parts, of which some calls fail as if the process had died there. */
function failing(parts: Settler.Parts, faults: Faults): Settler.Parts {
  const over = <T extends object>(part: T, fault: Partial<T> = {}): T =>
    new Proxy(part, {
      get: (target, name) => {
        const value = Reflect.get(name in fault ? fault : target, name)
        return typeof value === 'function' ? value.bind(target) : value
      },
    })
  return { ...parts, chain: over(parts.chain, faults.chain), batches: over(parts.batches, faults.batches) }
}

const anchoredBy = (node: string) => chain.escrow.queryFilter(chain.escrow.filters.ReceiptsAnchored!(node))

let alice: HDNodeWallet
let bob: HDNodeWallet
beforeEach(async () => {
  alice = chain.account(100 + accounts)
  bob = chain.account(200 + accounts)
  await chain.deposit(alice.address, 100_000n)
  await chain.deposit(bob.address, 100_000n)
})

describe('Settler', () => {
  it('anchors the receipts of all channels and charges exactly what the answers cost', async () => {
    const node = startNode()
    const receipts = [
      await node.answer(alice, 100n),
      await node.answer(bob, 70n),
      await node.answer(alice, 30n),
      await node.answer(alice, 5n, { model: modelId }),
    ]
    const { batches, waitingReceipts } = await node.settler.settle()
    expect(batches).toMatchObject([{ firstSequence: 0, receiptCount: 4, totalWei: '205' }])
    expect(waitingReceipts).toBe(0)
    expect(await Promise.all([node.settledWei(alice), node.settledWei(bob), node.settledWei(alice, modelId)])).toEqual([
      130n,
      70n,
      5n,
    ])
    const [event] = await anchoredBy(node.node)
    const { lastReceiptHash, receiptsDigest, receiptsRoot } = chain.escrow.interface.parseLog(event!)!.args
    const manifest = node.published.get(cidOfDigest(receiptsDigest)) as ReceiptsManifest
    expect(manifest.receipts).toEqual(receipts)
    expect(receiptsRoot).toBe(new MerkleTree(receipts.map(({ receiptHash }) => receiptHash)).root)
    expect(lastReceiptHash).toBe(receipts.at(-1)!.receiptHash)
  })

  it('continues with the next receipts, and does nothing when there are none', async () => {
    const node = startNode()
    await node.answer(alice, 10n)
    await node.settler.settle()
    expect((await node.settler.settle()).batches).toEqual([])
    await node.answer(alice, 20n)
    expect((await node.settler.settle()).batches).toMatchObject([{ firstSequence: 1, totalWei: '20' }])
    expect(await node.settledWei(alice)).toBe(30n)
  })

  it('makes one settlement of calls that come at once', async () => {
    const node = startNode()
    await node.answer(alice, 10n)
    const [first, second] = await Promise.all([node.settler.settle(), node.settler.settle()])
    expect(first).toEqual(second)
    expect(await anchoredBy(node.node)).toHaveLength(1)
  })

  const die = () => {
    throw new Error('killed')
  }
  it.each([
    ['after the batch is stored, before it is signed', { chain: { sign: die } }],
    ['after it is signed and stored, before it is sent', { chain: { send: die } }],
    ['after it is mined, before that is known', { batches: { land: die } }],
  ])('sends one transaction although it is killed %s', async (_, faults: Faults) => {
    const node = startNode()
    await node.answer(alice, 40n)
    await expect(new Settler(failing(node.parts, faults)).settle()).rejects.toThrow('killed')
    const restarted = startNode(node.signer, node.book)
    expect((await restarted.settler.settle()).batches).toMatchObject([{ firstSequence: 0, totalWei: '40' }])
    expect(await anchoredBy(node.node)).toHaveLength(1)
    expect(await chain.provider.getTransactionCount(node.signer.address)).toBe(1)
  })

  it('gives up what can no longer be charged, and settles the rest', async () => {
    const node = startNode()
    await node.answer(alice, 10n, { expiresInS: 70 })
    await node.answer(bob, 7n)
    const now = (await chain.provider.getBlock('latest'))!.timestamp
    await chain.provider.send('evm_setNextBlockTimestamp', [now + 200])
    await chain.provider.send('evm_mine', [])
    expect((await node.settler.settle()).batches).toMatchObject([{ receiptCount: 2, totalWei: '7' }])
    expect([await node.settledWei(alice), await node.settledWei(bob)]).toEqual([0n, 7n])
    // Given up for good: the next voucher pays for the next answer only.
    await node.answer(alice, 4n)
    expect((await node.settler.settle()).batches).toMatchObject([{ totalWei: '4' }])
    expect(await node.settledWei(alice)).toBe(4n)
  })

  it('leaves receipts waiting when none of their channels can be charged now', async () => {
    const node = startNode()
    await node.answer(alice, 10n, { expiresInS: 70 })
    const now = (await chain.provider.getBlock('latest'))!.timestamp
    await chain.provider.send('evm_setNextBlockTimestamp', [now + 200])
    await chain.provider.send('evm_mine', [])
    expect(await node.settler.settle()).toEqual({ batches: [], waitingReceipts: 1 })
    await node.answer(bob, 7n)
    expect((await node.settler.settle()).batches).toMatchObject([{ receiptCount: 2, totalWei: '7' }])
  })

  it('signs again when another transaction took the nonce of its own', async () => {
    const node = startNode()
    await node.answer(alice, 25n)
    await expect(new Settler(failing(node.parts, { chain: { send: die } })).settle()).rejects.toThrow('killed')
    await mined(node.signer.sendTransaction({ to: node.signer.address, value: 0 }))
    expect((await node.settler.settle()).batches).toMatchObject([{ firstSequence: 0, totalWei: '25' }])
    expect(await anchoredBy(node.node)).toHaveLength(1)
  })

  it('settles again what a reorganisation took off the chain', async () => {
    const node = startNode()
    const snapshot = await chain.provider.send('evm_snapshot', [])
    await node.answer(alice, 33n)
    await node.settler.settle()
    await chain.provider.send('evm_revert', [snapshot])
    expect(await node.settledWei(alice)).toBe(0n)
    expect((await node.settler.settle()).batches).toMatchObject([{ firstSequence: 0, totalWei: '33' }])
    expect(await node.settledWei(alice)).toBe(33n)
  })

  it('refuses to go on when the chain holds other receipts under its numbers', async () => {
    const node = startNode()
    const twin = startNode(node.signer)
    await node.answer(alice, 5n)
    await twin.answer(bob, 6n)
    await expect(new Settler(failing(node.parts, { chain: { send: die } })).settle()).rejects.toThrow('killed')
    await twin.settler.settle()
    await expect(node.settler.settle()).rejects.toMatchObject({ code: 'settlement.conflict' })
  })

  it('says that the node has no coin for gas, and settles when it has', async () => {
    const node = startNode(chain.account(1000))
    await node.answer(alice, 5n)
    await expect(node.settler.settle()).rejects.toMatchObject({ code: 'settlement.no_gas', retryable: true })
    await mined(chain.account(39).sendTransaction({ to: node.node, value: 10n ** 18n }))
    expect((await node.settler.settle()).batches).toHaveLength(1)
  })
})
