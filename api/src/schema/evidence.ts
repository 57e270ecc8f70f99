import { Evidence, type InfluenceEvidence, parseManifest, type VerbatimEvidence } from '@openledger/protocol'
import type { ApiContext } from '../context.ts'
import { checkFirst } from '../lists/page-of.ts'

export const typeDefs = /* GraphQL */ `
  "Why records count for an answer, in three kinds that are never mixed. Only influence is paid."
  type Evidence {
    "CID of the evidence as it was published, or will be."
    cid: String!
    "CID of the features manifest that the scores were computed with."
    featuresCid: String!
    "Records whose training lowered the loss of this answer, strongest first."
    influence(
      "1 to 100."
      first: Int! = 10
      "Digest of the record that the page before ended with."
      after: Bytes32
    ): [Influence!]!
    "How many there are in all."
    influenceCount: Int!
    "Spans of the answer that stand word for word in the corpus, rarest first."
    verbatim("1 to 100." first: Int! = 10): [VerbatimSpan!]!
    "Records that were put into the prompt."
    retrieval("1 to 100." first: Int! = 10): [Record!]!
  }

  "How far a record lowered the loss of an answer, and what part of the pay that is."
  type Influence {
    "Digest of that record."
    canonical: Bytes32!
    "Stands for its cluster of records that say the same."
    record: Record
    contributor: Contributor!
    "One integer score per training seed, in the features' units."
    scores: [BigInt!]!
    "Mean of the scores, in the features' units."
    mean: BigInt!
    "Standard error of the mean over training seeds."
    standardError: BigInt!
    "max(mean - 2 standard errors, 0), leverage capped: pay is proportional to it."
    utility: BigInt!
    "Part of the answer's contributor pool, in parts per million, rounded down."
    sharePpm: Int!
  }

  "A span of the answer that stands word for word in the corpus."
  type VerbatimSpan {
    "UTF-16 offsets into the answer's text."
    start: Int!
    "Behind its last character."
    end: Int!
    text: String!
    "How unlikely the span's words are, in thousandths of a bit."
    surprisalMillibits: Int!
    documents: [VerbatimDocument!]!
  }

  "Where in the corpus it stands."
  type VerbatimDocument {
    record: Record
    "UTF-16 offsets into the record's text."
    start: Int!
    "Behind its last character."
    end: Int!
  }
`

/** Published evidence never changes, so the newest that was read is kept. */
const published = new Map<string, Evidence>()
const MAX_KEPT = 500

type EvidenceRow = { cid: string; evidence: Evidence }

/**
 * The evidence of an answer: the published artefact when an epoch pays the answer, otherwise the engine's own.
 * @param cid of the evidence that an epoch was built with; null when none was yet
 */
export async function loadEvidence(
  receiptHash: string,
  cid: string | null,
  context: ApiContext,
): Promise<EvidenceRow | null> {
  if (cid === null) {
    const found = await context.engine.get<Evidence & { cid: string }>(`/answers/${receiptHash}/evidence`)
    return found === null ? null : { cid: found.cid, evidence: found }
  }
  let evidence = published.get(cid)
  if (evidence === undefined) {
    evidence = parseManifest(Evidence, await context.content.get(cid), 'evidence')
    published.set(cid, evidence)
    if (published.size > MAX_KEPT) published.delete(published.keys().next().value!)
  }
  return { cid, evidence }
}

function strongest(influence: readonly InfluenceEvidence[]): InfluenceEvidence[] {
  return [...influence].sort((a, b) => {
    const [left, right] = [BigInt(a.utility), BigInt(b.utility)]
    if (left !== right) return left > right ? -1 : 1
    const means = BigInt(b.mean) - BigInt(a.mean)
    return means === 0n ? (a.canonical < b.canonical ? -1 : 1) : means > 0n ? 1 : -1
  })
}

function firstOf<T>(list: readonly T[], first: number): T[] {
  checkFirst(first)
  return list.slice(0, first)
}

export const resolvers = {
  Evidence: {
    featuresCid: ({ evidence }: EvidenceRow) => evidence.features,
    influence: ({ evidence }: EvidenceRow, { first, after }: { first: number; after?: string | null }) => {
      const all = strongest(evidence.influence)
      const begin = after == null ? 0 : all.findIndex(({ canonical }) => canonical === after) + 1
      return firstOf(all.slice(begin), first)
    },
    influenceCount: ({ evidence }: EvidenceRow) => evidence.influence.length,
    verbatim: ({ evidence }: EvidenceRow, { first }: { first: number }) => firstOf(evidence.verbatim, first),
    retrieval: ({ evidence }: EvidenceRow, { first }: { first: number }, { records }: ApiContext) =>
      Promise.all(firstOf(evidence.retrieval, first).map(({ record }) => records.load(record))),
  },
  Influence: {
    record: ({ canonical }: InfluenceEvidence, _: unknown, { records }: ApiContext) => records.load(canonical),
    contributor: ({ contributor }: InfluenceEvidence) => ({ id: contributor }),
  },
  VerbatimDocument: {
    record: ({ record }: VerbatimEvidence['documents'][number], _: unknown, { records }: ApiContext) =>
      records.load(record),
  },
}
