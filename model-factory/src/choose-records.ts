import { type ClusterRecord, clusterRecords } from '@openledger/clusters'
import type { ClustersManifest, Digest, TrainingRecord } from '@openledger/protocol'
import { TrainingError } from './error.ts'
import { splitRecords } from './split.ts'

/** A Datanet as of the end of a block, and how many contributions it had then. */
export type DatanetVersion = { id: `0x${string}`; version: number; asOfBlock: number }

export type TrainingRecords = {
  /** By ascending id, as manifests and the registry list them. */
  datanets: DatanetVersion[]
  clusters: ClustersManifest['clusters']
  /** The canonical record of each cluster, in the order of the chain. */
  records: TrainingRecord[]
  textOf: ReadonlyMap<Digest, string>
}

/**
 * Chooses what is trained on: one record of each cluster of copies and near copies, the one that was on chain first.
 *
 * @throws {TrainingError} `training.no_records`, `training.too_few_records`, or `training.record_foreign` for a record
 *   that is in none of the Datanets at its version
 */
export function chooseRecords(
  records: readonly ClusterRecord[],
  datanets: readonly DatanetVersion[],
  validationShare: number,
): TrainingRecords {
  if (datanets.length === 0 || records.length === 0) {
    throw new TrainingError('training.no_records', 'There is nothing to train on.', {
      facts: { datanets: datanets.length, records: records.length },
      nextStep: 'Contribute records to the Datanet first.',
    })
  }
  requireOwn(records, datanets)
  const clusters = clusterRecords(records)
  if (clusters.length < 2) {
    throw new TrainingError(
      'training.too_few_records',
      'Training needs two different records: to learn and to validate.',
      {
        facts: { records: records.length, different: clusters.length },
        nextStep: 'Contribute more records that are not copies of one another.',
      },
    )
  }
  const splits = splitRecords(
    clusters.map(({ canonical }) => canonical),
    validationShare,
  )
  return {
    datanets: datanets
      .map(({ id, version, asOfBlock }) => ({ id, version, asOfBlock }))
      .sort((a, b) => (a.id < b.id ? -1 : 1)),
    clusters,
    // The canonical record is its cluster's first member.
    records: clusters.map(({ members }, i) => ({ ...members[0]!, split: splits[i]! })),
    textOf: new Map(records.map(({ digest, text }) => [digest, text])),
  }
}

function requireOwn(records: readonly ClusterRecord[], datanets: readonly { id: string; version: number }[]): void {
  const latest = new Map(datanets.map(({ id, version }) => [id, version]))
  for (const { contributionId, digest } of records) {
    const [datanetId = '', version = ''] = contributionId.split('-')
    if (Number(version) <= (latest.get(datanetId) ?? 0)) continue
    throw new TrainingError('training.record_foreign', 'A record is in none of the Datanets that are trained on.', {
      facts: { digest, contributionId },
      nextStep: 'Give the records of the named Datanet versions and no others.',
    })
  }
}
