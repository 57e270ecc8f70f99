import {
  publishBaseModel,
  readDatanet,
  registerAdapter,
  registerBase,
  SHIPPED_BASE_TERMS,
  trainAdapter,
} from '@openledger/model-factory'
import { type Digest, OpenLedgerError } from '@openledger/protocol'
import { contractOf } from '../chain/contracts.ts'
import { roleWallet } from './accounts.ts'
import { OPEN_LICENCE_FLAGS, type SeededDatanet, type SeedPlace } from './seed-chain.ts'

const INDEX_PATIENCE_MS = 60_000
const ROYALTY_PPM = 0

export type SeededBase = { id: `0x${string}`; artefactDigest: Digest }

export type SeededAdapter = {
  id: `0x${string}`
  name: string
  datanetId: `0x${string}`
  /** Mean nats per token on records that were not trained on: base, then adapter. */
  lossBefore: number
  lossAfter: number
  /** Canonical records, trained on or held out. */
  records: number
}

/** Puts the shipped base model into the content store and on chain. */
export async function seedBase({ deployment, provider, contentStore }: SeedPlace): Promise<SeededBase> {
  const artefactDigest = await publishBaseModel(contentStore)
  const registry = {
    address: deployment.contracts.LineageRegistry.address,
    signer: roleWallet('baseOwner').connect(provider),
  }
  const terms = { ...SHIPPED_BASE_TERMS, licenceFlags: OPEN_LICENCE_FLAGS, royaltyPpm: ROYALTY_PPM, artefactDigest }
  return { id: await registerBase(registry, terms), artefactDigest }
}

/** Trains and registers the adapter of one Datanet, from what index and content store say of it. */
export async function seedAdapter(
  place: SeedPlace & { subgraphUrl: string },
  base: SeededBase,
  datanet: SeededDatanet,
  onProgress: (progress: trainAdapter.Progress) => void = () => {},
): Promise<SeededAdapter> {
  const reading = await whenIndexed(() => readDatanet(place, datanet.id, datanet.version))
  const trained = await trainAdapter(
    {
      name: datanet.adapter,
      licence: reading.licence,
      licenceFlags: OPEN_LICENCE_FLAGS,
      base: {
        id: base.id,
        licenceFlags: OPEN_LICENCE_FLAGS,
        artefactDigest: base.artefactDigest,
      },
      datanets: [reading],
      records: reading.records,
      contentStore: place.contentStore,
    },
    onProgress,
  )
  const registry = {
    address: place.deployment.contracts.LineageRegistry.address,
    signer: roleWallet('trainer').connect(place.provider),
  }
  const id = await registerAdapter(registry, trained, { royaltyPpm: ROYALTY_PPM })
  const { lossBefore, lossAfter } = trained.metrics
  return { id, name: datanet.adapter, datanetId: datanet.id, lossBefore, lossAfter, records: reading.records.length }
}

/** Adapters by name that the trainer of the demo has registered. */
export async function registeredAdapters({ deployment, provider }: SeedPlace): Promise<Map<string, `0x${string}`>> {
  const registry = contractOf(deployment, 'LineageRegistry', provider)
  const owner = roleWallet('trainer').address
  const events = await registry.queryFilter(registry.filters.ModelRegistered!(null, owner), deployment.startBlock)
  return new Map(events.flatMap((event) => ('args' in event ? [[event.args.name as string, event.args.modelId]] : [])))
}

/** Asks again while the index is still on its way. */
async function whenIndexed<T>(read: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + INDEX_PATIENCE_MS
  for (;;) {
    try {
      return await read()
    } catch (error) {
      const waits = error instanceof OpenLedgerError && error.retryable && Date.now() < deadline
      if (!waits) throw error
      await new Promise((done) => setTimeout(done, 500))
    }
  }
}
