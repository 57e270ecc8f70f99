import { digestOf, digestOfCid, HIGH_SENTINEL, lowSentinel, MerkleTree, rewardWord } from '@openledger/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DevChain, WINDOW_SECONDS } from '../testing/dev-chain.ts'
import { MemoryContentStore } from '../testing/memory-content-store.ts'
import { type DisputeEpoch, disputeEpoch } from './dispute-epoch.ts'
import { findFault } from './find-fault.ts'
import { type VerifyEpoch, verifyEpoch } from './verify-epoch.ts'

type Word = `0x${string}`

let chain: DevChain
const content = new MemoryContentStore()
const account = (n: number): Word => `0x${'00'.repeat(4)}${'1'.repeat(24)}${n.toString(16).padStart(8, '0')}`
const word = (n: number, wei: bigint) => rewardWord(account(n), wei)
/** What the vault holds: no root may promise more. */
const FUNDED_WEI = 10n ** 6n
const FIRST: Word[] = [lowSentinel(1), word(2, 100n), word(5, 200n), word(9, 50n), HIGH_SENTINEL]

beforeAll(async () => {
  chain = await DevChain.start()
  const { token, distributor } = chain.as('payer')
  await (await token.transfer!(chain.wallets.proposer.address, 10n ** 20n)).wait()
  await (await token.transfer!(chain.wallets.cleo.address, 10n ** 20n)).wait()
  await (await token.approve!(await distributor.getAddress(), FUNDED_WEI)).wait()
  await (await distributor.fund!(FUNDED_WEI, `0x${'0'.repeat(64)}`)).wait()
  const { token: own } = chain.as('proposer')
  await (await own.approve!(chain.deployment.contracts.RootCourt!.address, 10n ** 20n)).wait()
  await propose(1, FIRST)
  await chain.pass(WINDOW_SECONDS)
})

afterAll(() => chain.stop())

async function propose(epoch: number, words: Word[], totalWei = 1_000n, published = words): Promise<void> {
  const block = (await chain.provider.getBlock('latest'))!
  await chain.mine(1)
  const manifest = {
    kind: 'openledger/epoch@1',
    number: epoch,
    fromBlock: 0,
    toBlock: block.number,
    blockHash: block.hash,
    parent: null,
    engineHash: digestOf(new Uint8Array([1])),
    batches: [],
    answers: [],
    reserveAccount: account(1),
    reserveWei: '0',
    words: published,
    totalWei: totalWei.toString(),
    root: new MerkleTree(words).root,
  }
  const dataDigest = digestOfCid(await content.putJson(manifest))
  const { root, engineHash, toBlock, blockHash } = manifest
  await (
    await chain.as('proposer').court.propose!({ root, dataDigest, engineHash, totalWei, toBlock, blockHash })
  ).wait()
}

/** Verifies and disputes the second epoch, as anybody can. */
async function dispute(change: Partial<VerifyEpoch.Report> = {}): Promise<DisputeEpoch.Outcome> {
  const { rpcUrl, deployment, provider, wallets } = chain
  const report = await verifyEpoch({ rpcUrl, deployment, contentStore: content, epoch: 'latest' })
  const { privateKey: key } = wallets.cleo
  return disputeEpoch({ report: { ...report, ...change }, deployment, contentStore: content, provider, key })
}

async function statusOf(epoch: number): Promise<number> {
  return Number((await chain.as('cleo').court.epoch!(epoch)).status)
}

/** Proposes a second epoch of these words and disputes it; all of it is forgotten afterwards. */
function disputed(words: Word[], totalWei?: bigint, published?: Word[]) {
  return chain.undone(async () => {
    await propose(2, words, totalWei, published)
    const outcome = await dispute()
    return { outcome, status: await statusOf(2) }
  })
}

describe('what a tree shows by itself is proven, which ends the root', () => {
  const honest = [lowSentinel(2), word(2, 100n), word(5, 300n), word(9, 50n), HIGH_SENTINEL]
  const changed = (change: (words: Word[]) => unknown) => {
    const words = [...honest]
    change(words)
    return words
  }

  test.each([
    ['regression', 'an account that is granted less', changed((w) => w.splice(2, 1, word(5, 199n)))],
    ['omission', 'an account that is missing', changed((w) => w.splice(2, 1))],
    ['omission', 'the last account that is missing', changed((w) => w.splice(3, 1))],
    ['disorder', 'accounts that do not ascend', changed((w) => w.splice(1, 2, w[2]!, w[1]!))],
    ['disorder', 'an account that stands twice', changed((w) => w.splice(2, 0, word(2, 400n)))],
    ['disorder', 'an account behind the end', [...honest, word(7, 1n)]],
    ['excess', 'more than the total', changed((w) => w.splice(3, 1, word(9, 601n)))],
    ['misframing', 'the low sentinel of another epoch', changed((w) => w.splice(0, 1, lowSentinel(3)))],
    [
      'misframing',
      'a high sentinel that carries money',
      changed((w) => w.splice(4, 1, rewardWord(`0x${'f'.repeat(40)}`, 1n))),
    ],
  ])('%s: %s', async (kind, _, words) => {
    const { outcome, status } = await disputed(words)
    expect(outcome).toMatchObject({ kind: 'proven', fault: kind, epoch: 2 })
    expect(status).toBe(3)
  })

  test('excess in a tree of many words is added up over several transactions', async () => {
    const many = Array.from({ length: 2_100 }, (_, i) => word(100 + i, 1n))
    const words = [...honest.slice(0, -1), ...many, HIGH_SENTINEL]
    const { outcome, status } = await disputed(words, 2_500n)
    expect(outcome).toMatchObject({ kind: 'proven', fault: 'excess' })
    expect(outcome.transactions.length).toBeGreaterThan(1)
    expect(status).toBe(3)
  })

  test('an honest tree shows none', () => {
    expect(findFault({ words: honest, epoch: 2, totalWei: 450n }, FIRST)).toBeNull()
  })
})

describe('what only a ruling can decide is challenged', () => {
  test('with a bond and the hash of what was found, and the root is frozen', async () => {
    // The tree is sound; but nothing was settled that it could pay.
    const { outcome, status } = await disputed([lowSentinel(2), ...FIRST.slice(1, 4), word(0xffff, 7n), HIGH_SENTINEL])
    expect(outcome).toMatchObject({ kind: 'challenged', epoch: 2 })
    expect(status).toBe(2)
  })

  test('words that are withheld or do not lead to the root prove nothing', async () => {
    const { outcome, status } = await disputed([lowSentinel(2), word(2, 1n), HIGH_SENTINEL], 1_000n, FIRST)
    expect(outcome).toMatchObject({ kind: 'challenged' })
    expect(status).toBe(2)
  })

  test('once: who comes later is told', async () => {
    await chain.undone(async () => {
      await propose(2, [lowSentinel(2), ...FIRST.slice(1)], 1_001n)
      await dispute()
      await expect(dispute()).rejects.toMatchObject({ code: 'dispute.already_challenged' })
    })
  })

  test('not without the bond', async () => {
    await chain.undone(async () => {
      await propose(2, [lowSentinel(2), ...FIRST.slice(1)], 1_001n)
      const { token } = chain.as('cleo')
      await (await token.transfer!(chain.wallets.bob.address, 10n ** 20n)).wait()
      await expect(dispute()).rejects.toMatchObject({ code: 'dispute.bond_short' })
    })
  })
})

test('a root that pays already is too late to dispute, and one that follows is not disputed', async () => {
  await expect(dispute()).rejects.toMatchObject({ code: 'dispute.too_late' })
  await expect(dispute({ mismatches: [], reproducedRoot: true })).rejects.toMatchObject({
    code: 'dispute.nothing_wrong',
  })
})
