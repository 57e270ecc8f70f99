import type { ModelManifest, TrainingManifest } from '@openledger/protocol'
import { cidOfDigest, digestOfCid } from '@openledger/protocol'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ChainEvent, readEvents } from '../chain/read-events.ts'
import { loadFeatures, type PublishedFeatures } from '../features/load-features.ts'
import { DevChain } from '../testing/dev-chain.ts'
import { SettledEconomy } from '../testing/settled-economy.ts'
import { checkTraining } from './check-training.ts'
import { Findings } from './findings.ts'

let chain: DevChain
let economy: SettledEconomy
let events: ChainEvent[]
let published: PublishedFeatures

beforeAll(async () => {
  chain = await DevChain.start()
  economy = new SettledEconomy(chain)
  await economy.prepare()
  events = await readEvents(chain.provider, chain.deployment, 0, await chain.provider.getBlockNumber())
  published = await loadFeatures(economy.content, economy.features)
})

afterAll(() => chain.stop())

async function codesOf(given: { events?: ChainEvent[]; published?: PublishedFeatures }): Promise<string[]> {
  const findings = new Findings()
  await findings.check('training', (open) =>
    checkTraining(given.published ?? published, given.events ?? events, economy.content, open),
  )
  return [...new Set(findings.mismatches.map(({ code }) => code))]
}

/** The events as they would be if those of this name said something else. */
function altered(name: string, change: (values: ChainEvent['values']) => Record<string, unknown>): ChainEvent[] {
  return events.map((event) =>
    event.name === name ? { ...event, values: { ...event.values, ...change(event.values) } } : event,
  )
}

/** Features and model as they would be with another training manifest. */
async function retrained(change: (training: TrainingManifest) => TrainingManifest) {
  const training = await economy.content.putJson(
    change(await economy.content.json<TrainingManifest>(published.manifest.training)),
  )
  const registered = events.find(
    ({ name, values }) => name === 'ModelRegistered' && values.modelId === economy.adapterId,
  )!
  const manifest = await economy.content.json<ModelManifest>(
    cidOfDigest(registered.values.artefactDigest as `0x${string}`),
  )
  const artefact = await economy.content.putJson({ ...manifest, training })
  return {
    published: { ...published, manifest: { ...published.manifest, training } },
    events: altered('ModelRegistered', () => ({ artefactDigest: digestOfCid(artefact) })),
  }
}

test('what was trained, registered and contributed as stated passes', async () => {
  expect(await codesOf({})).toEqual([])
})

test.each<[string, string[], () => ChainEvent[]]>([
  [
    'a model that was never registered',
    ['verify.model_unknown'],
    () => events.filter(({ values }) => values.modelId !== economy.adapterId),
  ],
  [
    'a root over other training records',
    ['verify.training_root_differs'],
    () => altered('ModelRegistered', () => ({ trainingRoot: `0x${'12'.repeat(32)}` })),
  ],
  [
    'a contribution by somebody else',
    ['verify.contributor_differs'],
    () => altered('Contributed', () => ({ contributor: `0x${'34'.repeat(20)}` })),
  ],
  [
    'a contribution that is not on chain',
    ['verify.record_not_in_parents', 'verify.canonical_not_earliest'],
    () => events.filter((event) => event !== events.findLast(({ name }) => name === 'Contributed')),
  ],
  [
    'a version of the Datanet that the model does not name',
    ['verify.record_not_in_parents'],
    () => {
      const { blockNumber } = events.find(({ name }) => name === 'Contributed')!
      return altered('ModelRegistered', ({ parents }) => ({
        parents: (parents as [string, bigint][]).map(([id]) => [id, BigInt(blockNumber)]),
      }))
    },
  ],
  [
    'a contribution whose root is over other records',
    ['verify.record_root_differs', 'verify.record_not_contributed'],
    () => altered('Contributed', () => ({ recordRoot: `0x${'56'.repeat(32)}` })),
  ],
])('%s is found', async (_, codes, given) => {
  const found = await codesOf({ events: given() })
  expect(found).toEqual(expect.arrayContaining(codes.slice(0, 1)))
  expect(codes).toEqual(expect.arrayContaining(found))
})

test('features with rows in another order are found', async () => {
  const records = [...published.manifest.records].reverse()
  expect(await codesOf({ published: { ...published, manifest: { ...published.manifest, records } } })).toEqual([
    'verify.rows_differ',
  ])
})

test('features of another training than the model’s are found', async () => {
  const { published: other } = await retrained((training) => ({ ...training, engine: { other: 'run' } }))
  expect(await codesOf({ published: other })).toEqual(['verify.training_differs'])
})

test('a record that is credited to another account is found', async () => {
  const thief = `0x${'78'.repeat(20)}` as const
  const given = await retrained((training) => ({
    ...training,
    records: training.records.map((record) => ({ ...record, contributor: thief })),
  }))
  expect(await codesOf(given)).toEqual(['verify.contributor_differs'])
})

test('a record that is claimed by a contribution which does not list it is found', async () => {
  const given = await retrained((training) => ({
    ...training,
    records: training.records.map((record, index) => {
      const { contributionId, contributor } = training.records[training.records.length - 1 - index]!
      return { ...record, contributionId, contributor }
    }),
  }))
  expect(await codesOf(given)).toContain('verify.record_not_contributed')
})

test('a later copy that was put in the place of the first is found', async () => {
  const given = await retrained((training) => training)
  const training = await economy.content.json<TrainingManifest>(given.published.manifest.training)
  const [first, , later] = training.records
  const clusters = await economy.content.json<{ clusters: { canonical: string; members: unknown[] }[] }>(
    training.clusters,
  )
  const { split: _, ...copied } = first!
  for (const cluster of clusters.clusters) if (cluster.canonical === later!.digest) cluster.members.push(copied)
  const swapped = await economy.content.putJson(clusters)
  expect(await codesOf(await retrained((manifest) => ({ ...manifest, clusters: swapped })))).toEqual([
    'verify.canonical_not_earliest',
  ])
})
