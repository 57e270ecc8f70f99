import type { ContentStore } from '@openledger/content-store'
import {
  batchOf,
  type ContributionManifest,
  type Deployment,
  digestOf,
  digestOfCid,
  encodeContribution,
  parseOpen,
} from '@openledger/protocol'
import { type JsonRpcProvider, type Signer, ZeroAddress } from 'ethers'
import { contractOf, send } from '../chain/contracts.ts'
import { contributorWallet, type Role, roleWallet } from './accounts.ts'
import type { DemoContribution, DemoCorpus } from './corpus.ts'

/** DERIVATIVES | COMMERCIAL: what every licence in the demo allows. */
export const OPEN_LICENCE_FLAGS = 3

const TEXT = 0
const PURSE = parseOpen('100000')
const DEPOSIT = parseOpen('1000')

export type SeededDatanet = {
  id: `0x${string}`
  name: string
  adapter: string
  /** Contributions so far: the version that is trained on. */
  version: number
  records: number
  contributors: number
  prompts: string[]
}

/** What the seeding works with. */
export type SeedPlace = { deployment: Deployment; provider: JsonRpcProvider; contentStore: ContentStore }

/**
 * Puts the demo's people, Datanets and records on chain and in the content store. Each step asks first whether it was
 * done, so that a seeding that was cut off goes on where it stopped.
 */
export async function seedDatanets(place: SeedPlace, corpus: DemoCorpus): Promise<SeededDatanet[]> {
  await fundPayers(place)
  const accounts = accountByAuthor(corpus)
  const seeded: SeededDatanet[] = []
  for (const { datanet, contributions, prompts } of corpus) {
    const id = await createDatanet(place, datanet.name, datanet.summary, licencesOf(contributions))
    const given = await contributedManifests(place, id)
    for (const contribution of contributions) {
      const signer = contributorWallet(accounts.get(contribution.author)!).connect(place.provider)
      await contribute(place, id, contribution, signer, given)
    }
    seeded.push({
      id,
      name: datanet.name,
      adapter: datanet.adapter,
      version: contributions.length,
      records: contributions.reduce((sum, { records }) => sum + records.length, 0),
      contributors: contributions.length,
      prompts,
    })
  }
  return seeded
}

/** The demo account of each author, counted in the order of their first contribution. */
export function accountByAuthor(corpus: DemoCorpus): Map<string, number> {
  const authors = [...new Set(corpus.flatMap(({ contributions }) => contributions.map(({ author }) => author)))]
  return new Map(authors.map((author, index) => [author, index]))
}

/** OPEN for those who pay and bond, and a prepaid balance for each payer. */
async function fundPayers({ deployment, provider }: SeedPlace): Promise<void> {
  const token = contractOf(deployment, 'OpenToken', roleWallet('founder').connect(provider))
  for (const role of ['alice', 'bob', 'engine', 'trainer', 'factory'] as const satisfies Role[]) {
    const { address } = roleWallet(role)
    if ((await token.getFunction('balanceOf')(address)) === 0n) await send(token, 'transfer', address, PURSE)
  }
  for (const role of ['alice', 'bob'] as const) {
    const wallet = roleWallet(role).connect(provider)
    const escrow = contractOf(deployment, 'InferenceEscrow', wallet)
    if ((await escrow.getFunction('availableOf')(wallet.address)) > 0n) continue
    await send(contractOf(deployment, 'OpenToken', wallet), 'approve', await escrow.getAddress(), DEPOSIT)
    await send(escrow, 'deposit', wallet.address, DEPOSIT)
  }
}

async function createDatanet(
  { deployment, provider, contentStore }: SeedPlace,
  name: string,
  summary: string,
  licence: string,
): Promise<`0x${string}`> {
  const owner = roleWallet('founder').connect(provider)
  const registry = contractOf(deployment, 'LineageRegistry', owner)
  const metadata = await contentStore.putJson({
    kind: 'openledger/datanet@1',
    name,
    summary,
    modality: 'text',
    licence,
  })
  const terms = {
    name,
    modality: TEXT,
    licenceFlags: OPEN_LICENCE_FLAGS,
    royaltyPpm: 0,
    licence,
    metadataDigest: digestOfCid(metadata),
    curated: false,
  }
  const id = (await registry.getFunction('datanetIdOf')(owner.address, terms)) as `0x${string}`
  if ((await registry.getFunction('ownerOf')(id)) === ZeroAddress) await send(registry, 'createDatanet', terms)
  return id
}

async function contribute(
  { deployment, contentStore }: SeedPlace,
  datanetId: `0x${string}`,
  contribution: DemoContribution,
  signer: Signer,
  given: ReadonlySet<string>,
): Promise<void> {
  const contents = contribution.records.map(({ text }) => new TextEncoder().encode(text))
  const cids = await Promise.all(contents.map((bytes) => contentStore.put(bytes)))
  const manifest: ContributionManifest = {
    kind: 'openledger/contribution@1',
    datanetId,
    contributor: (await signer.getAddress()).toLowerCase() as `0x${string}`,
    licence: contribution.licence,
    attribution: { name: contribution.author, ...(contribution.url === undefined ? {} : { url: contribution.url }) },
    records: contribution.records.map(({ title }, i) => ({
      cid: cids[i]!,
      sizeBytes: contents[i]!.length,
      mediaType: 'text/plain',
      title,
    })),
  }
  const bytes = encodeContribution(manifest)
  const manifestDigest = digestOf(bytes)
  if (given.has(manifestDigest)) return
  await contentStore.put(bytes)
  const batch = Object.values(batchOf(manifest, manifestDigest))
  await send(contractOf(deployment, 'LineageRegistry', signer), 'contributeRecords', datanetId, ...batch)
}

/** Digests of the manifests that were contributed to a Datanet so far. */
async function contributedManifests({ deployment, provider }: SeedPlace, datanetId: string): Promise<Set<string>> {
  const registry = contractOf(deployment, 'LineageRegistry', provider)
  const events = await registry.queryFilter(registry.filters.Contributed!(datanetId), deployment.startBlock)
  return new Set(events.map((event) => ('args' in event ? String(event.args.manifestDigest) : '')))
}

/** The licences of a Datanet's parts as one SPDX expression: all of them apply, each to its part. */
function licencesOf(contributions: readonly DemoContribution[]): string {
  const all = [...new Set(contributions.map(({ licence }) => licence.replace(/[()]/g, '')))].sort()
  return all.map((licence) => (licence.includes(' OR ') ? `(${licence})` : licence)).join(' AND ')
}
