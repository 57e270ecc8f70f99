import type { ContentStore } from '@openledger/content-store'
import type { Deployment } from '@openledger/protocol'
import { JsonRpcProvider } from 'ethers'
import { readDemoCorpus } from './corpus.ts'
import { type SeededDatanet, seedDatanets } from './seed-chain.ts'
import { registeredAdapters, type SeededAdapter, type SeededBase, seedAdapter, seedBase } from './seed-models.ts'

/** What is seeded: a running stack. */
export type SeedTarget = {
  root: string
  deployment: Deployment
  contentStore: ContentStore
  rpcUrl: string
  subgraphUrl: string
}

export type SeededStack = { datanets: SeededDatanet[]; base: SeededBase }

/**
 * Puts the demo's Datanets, records and base model there, unless they are there already: seconds, not minutes. What was
 * cut off goes on where it stopped.
 */
export async function seedRecords(target: SeedTarget): Promise<SeededStack> {
  return withProvider(target, async (place) => {
    const datanets = await seedDatanets(place, readDemoCorpus(target.root))
    return { datanets, base: await seedBase(place) }
  })
}

/**
 * Trains and registers the demo's adapters that are not on chain yet, one after the other: about a minute each on two
 * cores. Meant to run while the stack serves.
 */
export async function seedAdapters(
  target: SeedTarget,
  { datanets, base }: SeededStack,
  onAdapter: (adapter: SeededAdapter) => void = () => {},
): Promise<void> {
  await withProvider(target, async (place) => {
    const registered = await registeredAdapters(place)
    for (const datanet of datanets.filter(({ adapter }) => !registered.has(adapter))) {
      onAdapter(await seedAdapter(place, base, datanet))
    }
  })
}

async function withProvider<T>(
  target: SeedTarget,
  work: (place: SeedTarget & { provider: JsonRpcProvider }) => Promise<T>,
): Promise<T> {
  const provider = new JsonRpcProvider(target.rpcUrl, undefined, {
    staticNetwork: true,
    cacheTimeout: -1,
    pollingInterval: 250,
  })
  try {
    return await work({ ...target, provider })
  } finally {
    provider.destroy()
  }
}
