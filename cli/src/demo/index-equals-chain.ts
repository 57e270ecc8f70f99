import type { ContentStore } from '@openledger/content-store'
import { ContributionManifest, cidOfDigest, type Deployment, type Digest, parseManifest } from '@openledger/protocol'
import type { EventLog, JsonRpcProvider } from 'ethers'
import { contractOf } from '../chain/contracts.ts'

/** The same sums from two places that know nothing of each other. Amounts are decimal strings in wei. */
export type LedgerSums = {
  datanets: number
  contributions: number
  records: number
  models: number
  receipts: number
  settledWei: string
  contributorsWei: string
  fundedWei: string
  claimedWei: string
  emittedWei: string
  dripFundedWei: string
  drippedWei: string
}

/** Sums the contracts' own events up to `toBlock`; records are counted in the manifests that the events name. */
export async function sumsOfChain(
  place: { deployment: Deployment; provider: JsonRpcProvider; contentStore: ContentStore },
  toBlock: number,
): Promise<LedgerSums> {
  const { deployment, provider, contentStore } = place
  const events = async (contract: Parameters<typeof contractOf>[1], name: string): Promise<EventLog[]> => {
    const logs = await contractOf(deployment, contract, provider).queryFilter(name, deployment.startBlock, toBlock)
    return logs.filter((log): log is EventLog => 'args' in log)
  }
  const sum = (logs: EventLog[], field: string) => logs.reduce((total, { args }) => total + BigInt(args[field]), 0n)
  const [datanets, contributions, models, anchored, settled, funded, claimed, emitted, dripFunded, dripped] =
    await Promise.all([
      events('LineageRegistry', 'DatanetCreated'),
      events('LineageRegistry', 'Contributed'),
      events('LineageRegistry', 'ModelRegistered'),
      events('InferenceEscrow', 'ReceiptsAnchored'),
      events('InferenceEscrow', 'Settled'),
      events('RewardDistributor', 'Funded'),
      events('RewardDistributor', 'Claimed'),
      events('CommunityEmission', 'Emitted'),
      events('RewardDrip', 'DripFunded'),
      events('RewardDrip', 'Dripped'),
    ])
  const recordCounts = await Promise.all(
    contributions.map(async ({ args }) => {
      const bytes = await contentStore.get(cidOfDigest(args.manifestDigest as Digest))
      return parseManifest(ContributionManifest, bytes, 'contribution manifest').records.length
    }),
  )
  return {
    datanets: datanets.length,
    contributions: contributions.length,
    records: recordCounts.reduce((total, count) => total + count, 0),
    models: models.length,
    receipts: Number(sum(anchored, 'receiptCount')),
    settledWei: sum(settled, 'amountWei').toString(),
    contributorsWei: sum(settled, 'contributorsWei').toString(),
    fundedWei: sum(funded, 'amountWei').toString(),
    claimedWei: sum(claimed, 'amountWei').toString(),
    emittedWei: sum(emitted, 'amountWei').toString(),
    dripFundedWei: sum(dripFunded, 'amountWei').toString(),
    drippedWei: sum(dripped, 'amountWei').toString(),
  }
}

/** The same sums as the subgraph holds them at `block`; records are counted one by one. */
export async function sumsOfIndex(subgraphUrl: string, block: number): Promise<LedgerSums> {
  const { protocols } = await ask<{ protocols: (Record<string, string> | undefined)[] }>(
    subgraphUrl,
    `{ protocols(first: 1, block: {number: ${block}}) {
      datanetCount contributionCount modelCount receiptCount settledWei contributorsWei fundedWei claimedWei
      emittedWei dripFundedWei drippedWei
    } }`,
  )
  const totals = protocols[0] ?? {}
  const text = (name: string) => String(totals[name] ?? '0')
  return {
    datanets: Number(text('datanetCount')),
    contributions: Number(text('contributionCount')),
    records: await countRecords(subgraphUrl, block),
    models: Number(text('modelCount')),
    receipts: Number(text('receiptCount')),
    settledWei: text('settledWei'),
    contributorsWei: text('contributorsWei'),
    fundedWei: text('fundedWei'),
    claimedWei: text('claimedWei'),
    emittedWei: text('emittedWei'),
    dripFundedWei: text('dripFundedWei'),
    drippedWei: text('drippedWei'),
  }
}

async function countRecords(subgraphUrl: string, block: number): Promise<number> {
  let count = 0
  let after = '0x'
  for (;;) {
    const { records } = await ask<{ records: { id: string }[] }>(
      subgraphUrl,
      `{ records(first: 1000, orderBy: id, where: {id_gt: "${after}"}, block: {number: ${block}}) { id } }`,
    )
    count += records.length
    if (records.length < 1000) return count
    after = records.at(-1)!.id
  }
}

/** One query to the subgraph. @throws Error with the subgraph's own message */
async function ask<T>(subgraphUrl: string, query: string): Promise<T> {
  const response = await fetch(subgraphUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
    signal: AbortSignal.timeout(10_000),
  })
  const body = (await response.json()) as { data?: T; errors?: { message: string }[] }
  if (body.data === undefined) throw new Error(body.errors?.[0]?.message ?? `status ${response.status}`)
  return body.data
}
