import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { Analysis, copyPublication, readPublication } from '@openledger/analytics'
import { columnsOf, type EntityRow, type EntitySource, readEntitySchema } from '@openledger/lineage-store'
import type { AnalyticsManifest, Evidence } from '@openledger/protocol'
import { createLog } from '@openledger/protocol/service'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ChainFacts } from '../chain/chain-facts.ts'
import { readEvents } from '../chain/read-events.ts'
import { EpochArchive } from '../epochs/epoch-archive.ts'
import { EpochCloser } from '../epochs/epoch-closer.ts'
import { Journal } from '../epochs/journal.ts'
import { InfluenceMatrix } from '../influence/influence-matrix.ts'
import { DevChain, WINDOW_SECONDS } from '../testing/dev-chain.ts'
import { SettledEconomy } from '../testing/settled-economy.ts'
import { AnalyticsPublisher } from './analytics-publisher.ts'

const schema = readFileSync(resolve(import.meta.dirname, '../../../schema.graphql'), 'utf8')
const folder = mkdtempSync(join(tmpdir(), 'openledger-analytics-'))
let chain: DevChain
let economy: SettledEconomy
let archive: EpochArchive
let closer: EpochCloser
let journal: Journal
let matrix: InfluenceMatrix

beforeAll(async () => {
  chain = await DevChain.start()
  economy = new SettledEconomy(chain)
  await economy.prepare()
  journal = await Journal.open(':memory:', folder)
  matrix = await InfluenceMatrix.open(':memory:', folder)
  const { provider, deployment } = chain
  archive = new EpochArchive(chain.as('proposer'), economy.content, deployment)
  closer = new EpochCloser({
    provider,
    deployment,
    lineage: { sync: async () => ({ number: await provider.getBlockNumber(), hash: '' }) },
    facts: { read: async (from, to) => new ChainFacts(await readEvents(provider, deployment, 0, to)).read(from, to) },
    evidenceFor: economy.evidenceFor,
    contentStore: economy.content,
    archive,
    journal,
    contracts: chain.as('proposer'),
    signer: chain.wallets.proposer,
  })
})

afterAll(async () => {
  await journal.close()
  await matrix.close()
  await chain.stop()
  rmSync(folder, { recursive: true })
})

/** An index that knows the settlements of the chain and nothing else. */
const index: EntitySource = {
  stamps: 'written',
  async head() {
    const block = await chain.provider.getBlock('latest')
    return { number: block!.number, hash: block!.hash!, deployment: 'QmTest' }
  },
  async hashOf(number) {
    return (await chain.provider.getBlock(number))?.hash ?? null
  },
  async *rows(since, at) {
    const settlement = readEntitySchema(schema).entities.find(({ name }) => name === 'Settlement')!
    const events = await readEvents(chain.provider, chain.deployment, since === null ? 0 : since + 1, at.number)
    for (const [number, event] of events.filter(({ name }) => name === 'Settled').entries())
      yield { entity: 'Settlement', columns: columnsOf(settlement, [row(event, number)], event.blockNumber) }
  },
}

function row(
  { values, blockNumber }: { values: Record<string, unknown>; blockNumber: number },
  number: number,
): EntityRow {
  const text = { payer: '0xaa', node: '0xbb', model: '0xcc', channel: '0xdd', batch: '0x01', transactionHash: '0xee' }
  const contributorsWei = String(values.contributorsWei)
  const amounts = { amountWei: contributorsWei, cumulativeWei: contributorsWei, contributorsWei }
  return {
    ...text,
    ...amounts,
    id: `0x${blockNumber}a${number}`,
    blockNumber: String(blockNumber),
    timestamp: '1700000000',
  }
}

function newPublisher(change: Partial<AnalyticsPublisher.Stages> = {}) {
  const log = createLog('test')
  return new AnalyticsPublisher({
    archive,
    journal,
    matrix,
    contentStore: economy.content,
    schema,
    source: index,
    log,
    folder,
    everyEpochs: 1,
    everyMs: 20,
    ...change,
  })
}

async function closeEpoch(prices: readonly bigint[]) {
  await economy.settle(await Promise.all([economy.answer(economy.adapterId, prices[0]!, 0)]))
  if (prices.length > 1) await economy.settle([await economy.answer(economy.adapterId, prices[1]!, -1)])
  await chain.mine(4)
  expect((await closer.close()).kind).toBe('proposed')
}

async function query(manifest: AnalyticsManifest, sql: string) {
  const analysis = await Analysis.create(join(folder, 'reader'), ':memory:')
  try {
    await copyPublication(analysis, manifest, ['entity', 'engine'], economy.content)
    await analysis.finish()
    return await analysis.rows(sql)
  } finally {
    analysis.close()
  }
}

test('before the first epoch there is nothing to publish', async () => {
  expect(await newPublisher().publishNewest()).toBeNull()
})

test('an epoch is published once, with its influence, and reconciles to the wei', async () => {
  await closeEpoch([1_001n, 333n])
  const cid = (await newPublisher().publishNewest())!
  expect(await newPublisher().publishNewest()).toBeNull()
  expect(await journal.publications(10)).toMatchObject([{ epoch: 1, publication: cid }])
  const manifest = await readPublication(cid, economy.content)
  const epoch = await archive.epoch(1)
  expect(manifest).toMatchObject({ epoch: 1, epochManifest: epoch.manifestCid, toBlock: epoch.toBlock })
  const [line, pending] = await query(manifest, 'FROM epoch_reconciliation')
  expect(line).toMatchObject({ epoch: 1, difference_wei: 0n, fees_in_wei: epoch.totalWei })
  expect(line!.reserve_wei).toBeGreaterThan(0n)
  expect(pending).toMatchObject({ epoch: null, difference_wei: 0n })
  const published = (await archive.manifest(epoch)).manifest.answers
  const evidence = await Promise.all(published.map((answer) => economy.content.json<Evidence>(answer.evidence)))
  const cells = evidence.flatMap(({ receiptHash, influence }) =>
    influence.map(({ canonical, utility }) => ({ receipt_hash: receiptHash, canonical, utility: BigInt(utility) })),
  )
  expect(cells.length).toBeGreaterThan(0)
  const influence = await query(manifest, 'SELECT receipt_hash, canonical, utility FROM influence')
  const byKey = (a: Record<string, unknown>, b: Record<string, unknown>) =>
    `${a.receipt_hash}${a.canonical}` < `${b.receipt_hash}${b.canonical}` ? -1 : 1
  expect(influence.sort(byKey)).toEqual(cells.sort(byKey))
})

test('published again from nothing but chain and content, it is the same manifest', async () => {
  const first = (await journal.publications(1))[0]!.publication
  const lost = await Journal.open(':memory:', folder)
  const lostMatrix = await InfluenceMatrix.open(':memory:', folder)
  const epoch = (await archive.latest())!
  await lost.keepShares(epoch.manifestCid, (await archive.manifest(epoch)).manifest)
  expect(await newPublisher({ journal: lost, matrix: lostMatrix }).publishNewest()).toBe(first)
  await lost.close()
  await lostMatrix.close()
})

test('a second epoch carries the first, and an older one can be published again after it', async () => {
  const first = (await journal.publications(1))[0]!.publication
  const older = (await archive.latest())!
  await chain.pass(WINDOW_SECONDS)
  await closeEpoch([500n])
  const cid = (await newPublisher().publishNewest())!
  const manifest = await readPublication(cid, economy.content)
  const rows = await query(manifest, 'SELECT epoch, carried_wei, total_wei FROM epoch ORDER BY epoch')
  expect(rows).toMatchObject([
    { epoch: 1, carried_wei: 0n, total_wei: older.totalWei },
    { epoch: 2, carried_wei: older.totalWei },
  ])
  const forgetful = await Journal.open(':memory:', folder)
  await forgetful.keepShares(older.manifestCid, (await archive.manifest(older)).manifest)
  const stages = {
    journal: forgetful,
    archive: { latest: async () => older, epoch: () => Promise.reject(), manifest: archive.manifest.bind(archive) },
  }
  expect(await newPublisher(stages as never).publishNewest()).toBe(first)
  await forgetful.close()
})

test('an index that does not have the block yet is waited for', async () => {
  await chain.pass(WINDOW_SECONDS)
  await closeEpoch([700n])
  const behind: EntitySource = {
    ...index,
    head: async () => ({ ...(await index.head()), number: 1, hash: (await index.hashOf(1))! }),
  }
  rmSync(join(folder, 'mirror.duckdb'))
  await expect(newPublisher({ source: behind }).publishNewest()).rejects.toMatchObject({
    code: 'analytics.other_block',
    retryable: true,
  })
  expect(await newPublisher().publishNewest()).not.toBeNull()
})
