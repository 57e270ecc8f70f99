/** What an answer owes to each record: scores, utilities and shares, as evidence lists them. */
import { type InfluenceEvidence, OpenLedgerError, type TrainingManifest } from '@openledger/protocol'
import { type FeatureSet, scoreRecords } from './score.ts'
import { sharesPpm, utilityOf } from './utility.ts'

/** Owner of each canonical record that was trained on. */
export type Contributors = ReadonlyMap<`0x${string}`, `0x${string}`>

export function contributorsOf(training: TrainingManifest): Contributors {
  return new Map(training.records.map((record) => [record.digest, record.contributor]))
}

/**
 * @param answer [layers, parameters]
 * @returns records of positive utility only, the largest first, ties by digest: what earns nothing needs no evidence, and
 *   whoever wants the other scores computes them from the same features
 * @throws influence.unknown_record when a row of the features is no training record
 */
export function influenceOf(features: FeatureSet, answer: Int8Array, contributors: Contributors): InfluenceEvidence[] {
  const scored = scoreRecords(features, answer)
    .map((scores, row) => ({ canonical: features.records[row]!, scores, ...utilityOf(scores) }))
    .filter(({ utility }) => utility > 0n)
    .sort((a, b) => (a.utility === b.utility ? compare(a.canonical, b.canonical) : a.utility > b.utility ? -1 : 1))
  const shares = sharesPpm(scored.map(({ utility }) => utility))
  return scored.map(({ canonical, scores, mean, standardError, utility }, index) => ({
    canonical,
    contributor: contributorOf(contributors, canonical),
    scores: scores.map(String),
    mean: String(mean),
    standardError: String(standardError),
    utility: String(utility),
    sharePpm: shares[index]!,
  }))
}

function contributorOf(contributors: Contributors, canonical: `0x${string}`): `0x${string}` {
  const contributor = contributors.get(canonical)
  if (contributor !== undefined) return contributor
  throw new OpenLedgerError('influence.unknown_record', 'The features have a record that was not trained on.', {
    facts: { canonical },
    nextStep: 'Dispute the epoch: features and training manifest do not belong together.',
  })
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
