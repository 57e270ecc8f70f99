import type { ContentStore } from '@openledger/content-store'
import {
  ClustersManifest,
  ContributionManifest,
  cidOfDigest,
  digestOfCid,
  MerkleTree,
  ModelManifest,
  parseManifest,
  TrainingManifest,
  type TrainingRecord,
} from '@openledger/protocol'
import type { ChainEvent } from '../chain/read-events.ts'
import type { PublishedFeatures } from '../features/load-features.ts'
import type { Findings } from './findings.ts'

/** A contribution as the chain states it. */
type Contribution = {
  contributor: string
  manifestDigest: `0x${string}`
  recordRoot: string
  blockNumber: number
  order: number
}

/**
 * Checks that a model's features are about what the chain says the model is: registered with this training, on these
 * records in this order, each of them contributed to a Datanet that the model names, by the account that is to be paid, and
 * no later than the other records of its cluster.
 *
 * Not checked: that the features are the gradients of these records (that needs the training itself), and that records
 * which say the same were put into one cluster.
 * @returns the training manifest
 */
export async function checkTraining(
  published: PublishedFeatures,
  events: readonly ChainEvent[],
  content: Pick<ContentStore, 'get'>,
  { report }: Findings.Open,
): Promise<TrainingManifest> {
  const { modelId, training: trainingCid, records } = published.manifest
  const model = events.find(({ name, values }) => name === 'ModelRegistered' && values.modelId === modelId)
  const training = parseManifest(TrainingManifest, await content.get(trainingCid), 'training manifest')
  if (model === undefined) {
    report('verify.model_unknown', 'The features are of a model that was never registered.', { modelId })
    return training
  }
  const artefact = await content.get(cidOfDigest(model.values.artefactDigest as `0x${string}`))
  const manifest = parseManifest(ModelManifest, artefact, 'model manifest')
  if (manifest.training !== trainingCid) {
    report('verify.training_differs', 'The features name another training than the model does.', {
      modelId,
      ofModel: manifest.training,
      ofFeatures: trainingCid,
    })
  }
  const trained = training.records.filter(({ split }) => split === 'train')
  const root = new MerkleTree(trained.map(({ digest }) => digest)).root
  if (root !== model.values.trainingRoot) {
    report('verify.training_root_differs', 'The training records are not those that the model was registered with.', {
      modelId,
      registered: String(model.values.trainingRoot),
      computed: root,
    })
  }
  const row = trained.findIndex(({ digest }, index) => digest !== records[index])
  if (row !== -1 || trained.length !== records.length) {
    report('verify.rows_differ', 'The features have other rows than the training has records.', {
      modelId,
      row: row === -1 ? Math.min(trained.length, records.length) : row,
    })
  }
  const parents = model.values.parents as readonly (readonly [string, bigint])[]
  await checkContributors(trained, parents, readContributions(events), content, report)
  await checkCanonicals(trained, training.clusters, readContributions(events), content, report)
  return training
}

async function checkContributors(
  trained: readonly TrainingRecord[],
  parents: readonly (readonly [string, bigint])[],
  contributions: ReadonlyMap<string, Contribution>,
  content: Pick<ContentStore, 'get'>,
  report: Findings.Open['report'],
): Promise<void> {
  const lastBlockOf = new Map(parents.map(([id, asOfBlock]) => [id.toLowerCase(), Number(asOfBlock)]))
  const listed = new Map<string, ReadonlySet<string>>()
  for (const { digest, contributionId, contributor } of trained) {
    const [datanetId] = contributionId.split('-') as [string]
    const contribution = contributions.get(contributionId)
    if (contribution === undefined || contribution.blockNumber > (lastBlockOf.get(datanetId) ?? 0)) {
      report('verify.record_not_in_parents', 'A training record is of no contribution that the model names.', {
        digest,
        contributionId,
      })
      continue
    }
    if (contribution.contributor !== contributor) {
      report('verify.contributor_differs', 'A training record is credited to somebody who did not contribute it.', {
        digest,
        contributionId,
        credited: contributor,
        contributor: contribution.contributor,
      })
    }
    const known = listed.get(contributionId) ?? (await readRecords(contributionId, contribution, content, report))
    listed.set(contributionId, known)
    if (!known.has(digest)) {
      report('verify.record_not_contributed', 'A training record does not stand in its contribution.', {
        digest,
        contributionId,
      })
    }
  }
}

/** Digests of a contribution's records; a manifest whose records are not under the anchored root lists none. */
async function readRecords(
  contributionId: string,
  { manifestDigest, recordRoot }: Contribution,
  content: Pick<ContentStore, 'get'>,
  report: Findings.Open['report'],
): Promise<ReadonlySet<string>> {
  const bytes = await content.get(cidOfDigest(manifestDigest))
  const digests = parseManifest(ContributionManifest, bytes, 'contribution manifest').records.map(({ cid }) =>
    digestOfCid(cid),
  )
  const root = new MerkleTree(digests).root
  if (root === recordRoot) return new Set(digests)
  report('verify.record_root_differs', 'A contribution lists other records than its root commits to.', {
    contributionId,
    anchored: recordRoot,
    computed: root,
  })
  return new Set()
}

/** A cluster is paid through the member that was on chain first. */
async function checkCanonicals(
  trained: readonly TrainingRecord[],
  clustersCid: string,
  contributions: ReadonlyMap<string, Contribution>,
  content: Pick<ContentStore, 'get'>,
  report: Findings.Open['report'],
): Promise<void> {
  const { clusters } = parseManifest(ClustersManifest, await content.get(clustersCid), 'clusters manifest')
  const clusterOf = new Map(clusters.map((cluster) => [cluster.canonical, cluster]))
  for (const { digest, contributionId } of trained) {
    const cluster = clusterOf.get(digest)
    const order = contributions.get(contributionId)?.order ?? Number.POSITIVE_INFINITY
    const earlier = cluster?.members.find(
      (member) => (contributions.get(member.contributionId)?.order ?? Number.POSITIVE_INFINITY) < order,
    )
    if (cluster !== undefined && earlier === undefined) continue
    report('verify.canonical_not_earliest', 'A training record does not stand first in its cluster.', {
      digest,
      earlier: earlier?.digest ?? null,
      clusters: clustersCid,
    })
  }
}

/** `<datanet>-<version>` → what the chain says, with its place in the chain's order. A version is counted, as the index does. */
function readContributions(events: readonly ChainEvent[]): Map<string, Contribution> {
  const versions = new Map<string, number>()
  const contributed = events.filter(({ name }) => name === 'Contributed')
  return new Map(
    contributed.map(({ values, blockNumber }, order) => {
      const datanetId = String(values.datanetId)
      const version = (versions.get(datanetId) ?? 0) + 1
      versions.set(datanetId, version)
      return [
        `${datanetId}-${version}`,
        {
          contributor: String(values.contributor),
          manifestDigest: values.manifestDigest as `0x${string}`,
          recordRoot: String(values.recordRoot),
          blockNumber,
          order,
        },
      ]
    }),
  )
}
