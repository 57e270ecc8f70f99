import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { verifyClaim } from '@openledger/commitment'
import { cidOfDigest } from '@openledger/protocol'
import { Transaction } from 'ethers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ChainFacts } from '../chain/chain-facts.ts'
import { readEvents } from '../chain/read-events.ts'
import { BOND_WEI, DevChain, WINDOW_SECONDS } from '../testing/dev-chain.ts'
import { SettledEconomy } from '../testing/settled-economy.ts'
import { EpochArchive } from './epoch-archive.ts'
import { EpochCloser } from './epoch-closer.ts'
import { Journal } from './journal.ts'

let chain: DevChain
let economy: SettledEconomy
const journals: Journal[] = []

beforeAll(async () => {
  chain = await DevChain.start()
  economy = new SettledEconomy(chain)
  await economy.prepare()
  const { adapterId, baseId } = economy
  const answers = [
    await economy.answer(adapterId, 1_001n, 0),
    await economy.answer(adapterId, 500n, 2),
    await economy.answer(adapterId, 333n, -1), // shaped by nothing
    await economy.answer(baseId, 100n, 1), // of a model without features
  ]
  await economy.settle(answers.slice(0, 2))
  await economy.settle(answers.slice(2))
  await chain.mine(4)
})

afterAll(async () => {
  for (const journal of journals) await journal.close()
  await chain.stop()
})

async function newJournal(file = ':memory:') {
  const journal = await Journal.open(file)
  journals.push(journal)
  return journal
}

/** An engine without its index: facts come from the chain itself. */
function newCloser(journal: Journal, change: Partial<EpochCloser.Stages> = {}) {
  const { provider, deployment, wallets } = chain
  const contracts = chain.as('proposer')
  const content = economy.content
  return new EpochCloser({
    provider,
    deployment,
    lineage: { sync: async () => ({ number: await provider.getBlockNumber(), hash: '' }) },
    facts: { read: async (from, to) => new ChainFacts(await readEvents(provider, deployment, 0, to)).read(from, to) },
    evidenceFor: economy.evidenceFor,
    contentStore: content,
    archive: new EpochArchive(contracts, content, deployment),
    journal,
    contracts,
    signer: wallets.proposer,
    ...change,
  })
}

const archive = () => new EpochArchive(chain.as('proposer'), economy.content, chain.deployment)

/** Contributors' wei of all settlements, from the chain's events. */
async function settledWei() {
  const events = await readEvents(chain.provider, chain.deployment, 0, await chain.provider.getBlockNumber())
  return events
    .filter(({ name }) => name === 'Settled')
    .reduce((sum, { values }) => sum + (values.contributorsWei as bigint), 0n)
}

async function proposed(outcome: Promise<EpochCloser.Outcome>) {
  const result = await outcome
  if (result.kind !== 'proposed') throw new Error(`expected a proposal, got ${result.kind}`)
  return result
}

test('an epoch promises what was settled, to the wei, and everybody can claim it', async () => {
  await chain.undone(async () => {
    const { root, totalWei, manifest: cid } = await proposed(newCloser(await newJournal()).close())
    expect(totalWei).toBe(await settledWei())
    const { distributor, token } = chain.as('payer')
    expect(await distributor.funded!()).toBe(totalWei)
    const { manifest, tree } = await archive().read(cid)
    expect(tree.root).toBe(root)
    expect(manifest.answers).toHaveLength(3)
    for (const { poolWei, shares, reserveWei } of manifest.answers) {
      expect(shares.reduce((sum, { amountWei }) => sum + BigInt(amountWei), BigInt(reserveWei)).toString()).toBe(
        poolWei,
      )
    }
    // The answer that nothing shaped and the base's answer: contributors' part of 333 and 100 wei.
    const untraced = BigInt(manifest.answers[2]!.poolWei)
    expect(BigInt(manifest.reserveWei)).toBe(untraced + (100n - 5n - 35n - 5n))
    await chain.pass(WINDOW_SECONDS)
    for (const [account, cumulativeWei] of tree.amounts()) {
      const claim = tree.claimFor(account)!
      expect(verifyClaim(root, claim)).toBe(true)
      const beforeWei = await token.balanceOf!(account)
      await (await distributor.claim!(claim.word, claim.index, claim.proof)).wait()
      expect((await token.balanceOf!(account)) - beforeWei).toBe(cumulativeWei)
    }
    expect(await token.balanceOf!(await distributor.getAddress())).toBe(0n)
  })
})

test('records that shaped an answer more are paid more, each to its contributor', async () => {
  await chain.undone(async () => {
    const { manifest: cid } = await proposed(newCloser(await newJournal()).close())
    const [towardsAda, towardsBob] = (await archive().read(cid)).manifest.answers
    const largest = (answer: typeof towardsAda) =>
      answer!.shares.reduce((a, b) => (BigInt(a.amountWei) >= BigInt(b.amountWei) ? a : b)).account
    expect(largest(towardsAda)).toBe(chain.wallets.ada.address.toLowerCase())
    expect(largest(towardsBob)).toBe(chain.wallets.bob.address.toLowerCase())
  })
})

test('a second epoch stands on the first, pays only what is new, and the bond comes back', async () => {
  await chain.undone(async () => {
    const closer = newCloser(await newJournal())
    const first = await proposed(closer.close())
    expect(await closer.close()).toMatchObject({ kind: 'waiting', epoch: 1, state: 'pending' })
    const { token } = chain.as('proposer')
    const stakedWei = await token.balanceOf!(chain.wallets.proposer.address)
    await chain.pass(WINDOW_SECONDS)
    expect(await closer.releaseBonds()).toEqual([1])
    expect(await closer.releaseBonds()).toEqual([])
    expect(await token.balanceOf!(chain.wallets.proposer.address)).toBe(stakedWei + BOND_WEI)
    expect(await closer.close()).toEqual({ kind: 'nothing-to-pay' })
    await settleOne(777n)
    await chain.mine(4)
    const second = await proposed(closer.close())
    expect(second.epoch).toBe(2)
    const before = await archive().read(first.manifest)
    const after = await archive().read(second.manifest)
    expect(after.manifest.parent).toBe(first.manifest)
    expect(after.manifest.fromBlock).toBe(before.manifest.toBlock + 1)
    for (const [account, cumulativeWei] of before.tree.amounts()) {
      expect(after.tree.amounts().get(account)! >= cumulativeWei).toBe(true)
    }
    expect(second.totalWei).toBe(await settledWei())
  })
})

test('no block that could be reorganised away is paid', async () => {
  await chain.undone(async () => {
    const head = await chain.provider.getBlockNumber()
    const { manifest: cid } = await proposed(newCloser(await newJournal()).close())
    const { manifest } = await archive().read(cid)
    expect(manifest.toBlock).toBeLessThan(head)
    const { hash } = (await chain.provider.getBlock(manifest.toBlock))!
    expect(manifest.blockHash).toBe(hash)
  })
  await chain.undone(async () => {
    const lineage = { sync: async () => ({ number: 1, hash: '' }) }
    expect(await newCloser(await newJournal(), { lineage }).close()).toEqual({ kind: 'nothing-to-pay' })
  })
})

describe('killed at any step and started again, there is one proposal with the same root', () => {
  const killed = new Error('killed')
  const steps: Record<string, (journal: Journal) => Partial<EpochCloser.Stages>> = {
    'before the evidence': () => ({ evidenceFor: () => Promise.reject(killed) }),
    'before the manifest is published': () => ({ contentStore: dying('openledger/epoch@1') }),
    'before the shares are kept': (journal) => ({ journal: without(journal, 'keepShares') }),
    'before the proposal is noted': (journal) => ({ journal: without(journal, 'keepProposal') }),
    'before the vault is funded': () => ({ contracts: dyingAt('escrow', 'sweep') }),
    'before the bond is allowed': () => ({ contracts: dyingAt('token', 'approve') }),
    'before the proposal is signed': () => ({ contracts: dyingAt('court', 'propose') }),
    'after the proposal is sent': (journal) => ({ journal, signer: deafSigner() }),
  }

  /** A content store that dies when this kind of manifest is put. */
  function dying(kind: string) {
    const { content } = economy
    const putJson = (value: unknown) =>
      (value as { kind: string }).kind === kind ? Promise.reject(killed) : content.putJson(value)
    return { get: (cid: string) => content.get(cid), putJson }
  }
  function without(journal: Journal, method: 'keepShares' | 'keepProposal'): Journal {
    return new Proxy(journal, {
      get: (target, name) => {
        if (name === method) return () => Promise.reject(killed)
        const value = Reflect.get(target, name)
        return typeof value === 'function' ? value.bind(target) : value
      },
    })
  }
  function dyingAt(contract: 'escrow' | 'token' | 'court', method: string) {
    const contracts = chain.as('proposer')
    const dead = new Proxy(contracts[contract], {
      get: (target, name) =>
        name === method ? { populateTransaction: () => Promise.reject(killed) } : Reflect.get(target, name),
    })
    return { ...contracts, [contract]: dead }
  }
  /** Its transactions arrive, but it dies before it hears of the proposal. */
  function deafSigner() {
    const signer = chain.wallets.proposer
    const provider = new Proxy(chain.provider, {
      get: (target, name) => {
        if (name === 'broadcastTransaction') {
          return async (signed: string) => {
            const sent = await target.broadcastTransaction(signed)
            if (sent.to?.toLowerCase() === chain.deployment.contracts.RootCourt!.address) throw killed
            return sent
          }
        }
        const value = Reflect.get(target, name)
        return typeof value === 'function' ? value.bind(target) : value
      },
    })
    return signer.connect(provider)
  }

  let expected: { root: string }
  beforeAll(async () => {
    expected = await chain.undone(async () => proposed(newCloser(await newJournal()).close()))
  })

  test.each(Object.keys(steps))('%s', async (step) => {
    await chain.undone(async () => {
      const file = join(mkdtempSync(join(tmpdir(), 'journal-')), 'engine.duckdb')
      const first = await Journal.open(file)
      await expect(newCloser(first, steps[step]!(first)).close()).rejects.toBe(killed)
      await first.close()
      const closer = newCloser(await newJournal(file))
      const outcome = await closer.close()
      expect(outcome.kind).toBe(step === 'after the proposal is sent' ? 'waiting' : 'proposed')
      const epoch = (await archive().latest())!
      expect({ number: epoch.number, root: epoch.root }).toEqual({ number: 1, root: expected.root })
      expect(await archive().nextNumber()).toBe(2)
      expect(await closer.close()).toMatchObject({ kind: 'waiting', epoch: 1 })
    })
  })
})

test('a signed proposal that was never sent is sent as it was signed', async () => {
  await chain.undone(async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'journal-')), 'engine.duckdb')
    const first = await Journal.open(file)
    let signed: string | null = null
    const keeping = new Proxy(first, {
      get: (target, name) => {
        if (name === 'keepProposal') {
          return async (proposal: Journal.Proposal) => {
            await target.keepProposal(proposal)
            signed = proposal.signedTransaction
            if (signed !== null) throw new Error('killed')
          }
        }
        const value = Reflect.get(target, name)
        return typeof value === 'function' ? value.bind(target) : value
      },
    })
    await expect(newCloser(keeping).close()).rejects.toThrow('killed')
    await first.close()
    const { transactionHash } = await proposed(newCloser(await newJournal(file)).close())
    expect(transactionHash).toBe(Transaction.from(signed!).hash)
  })
})

test('of two engines with one account, one proposes and the other finds it pending', async () => {
  await chain.undone(async () => {
    const closers = [newCloser(await newJournal()), newCloser(await newJournal())]
    const outcomes = await Promise.allSettled(closers.map((closer) => closer.close()))
    expect(await archive().nextNumber()).toBe(2)
    expect(outcomes.some(({ status }) => status === 'fulfilled')).toBe(true)
    for (const closer of closers) expect(await closer.close()).toMatchObject({ kind: 'waiting', epoch: 1 })
  })
})

test('a second engine on the same journal is refused', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'journal-')), 'engine.duckdb')
  await newJournal(file)
  await expect(Journal.open(file)).rejects.toMatchObject({ code: 'database.locked' })
})

test('an account that may not propose, or cannot cover the bond, is told so before anything is sent', async () => {
  const journal = await newJournal()
  const closer = newCloser(journal, { signer: chain.wallets.bob })
  await expect(closer.close()).rejects.toMatchObject({ code: 'epoch.not_proposer' })
  await chain.undone(async () => {
    await (await chain.as('governor').court.setProposer!(chain.wallets.cleo.address, true)).wait()
    const poor = newCloser(await newJournal(), { signer: chain.wallets.cleo })
    await expect(poor.close()).rejects.toMatchObject({ code: 'epoch.bond_short', retryable: true })
  })
  expect(await archive().nextNumber()).toBe(1)
})

test('receipts that are not what they claim to be leave their money to the reserve', async () => {
  await chain.undone(async () => {
    await settleOne(1_000n, ([signed]) => [{ ...signed!, receipt: { ...signed!.receipt, priceWei: '999999' } }])
    await chain.mine(4)
    const { manifest: cid, totalWei } = await proposed(newCloser(await newJournal()).close())
    const { manifest } = await archive().read(cid)
    expect(manifest.answers).toHaveLength(3) // none of the faulty batch
    expect(totalWei).toBe(await settledWei())
  })
})

test('evidence about another answer is refused', async () => {
  const evidenceFor: EpochCloser.Stages['evidenceFor'] = async (answer) => ({
    ...(await economy.evidenceFor(answer)),
    modelId: economy.baseId,
  })
  await expect(newCloser(await newJournal(), { evidenceFor }).close()).rejects.toMatchObject({
    code: 'epoch.evidence_mismatch',
  })
})

test('a receipts manifest that cannot be had stops the epoch, to be tried again', async () => {
  const events = await readEvents(chain.provider, chain.deployment, 0, await chain.provider.getBlockNumber())
  const anchored = events.find(({ name }) => name === 'ReceiptsAnchored')!
  const cid = cidOfDigest(anchored.values.receiptsDigest as `0x${string}`)
  const journal = await newJournal()
  await economy.content.without(cid, async () => {
    await expect(newCloser(journal).close()).rejects.toMatchObject({ code: 'content.missing', retryable: true })
  })
  expect(await archive().nextNumber()).toBe(1)
})

/** One more settled answer. */
async function settleOne(priceWei: bigint, change?: Parameters<SettledEconomy['settle']>[1]): Promise<void> {
  await economy.forgetting(async () => {
    await economy.settle([await economy.answer(economy.adapterId, priceWei, 1)], change)
  })
}
