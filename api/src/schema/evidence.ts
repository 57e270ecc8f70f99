import { Evidence, type InfluenceEvidence, parseManifest, type VerbatimEvidence } from '@openledger/protocol'
import type { ApiContext } from '../context.ts'
import { checkFirst } from '../page-of.ts'

export const typeDefs = /* GraphQL */ `
  "Why records count for an answer, in three kinds that are never mixed. Only influence is paid."
  type Evidence {
    cid: String!
    "CID of the features manifest that the scores were computed with."
    featuresCid: String!
    "Records whose training lowered the loss of this answer, strongest first."
    influence(first: Int! = 10): [Influence!]!
    "Spans of the answer that stand word for word in the corpus, rarest first."
    verbatim(first: Int! = 10): [VerbatimSpan!]!
    "Records that were put into the prompt."
    retrieval(first: Int! = 10): [Record!]!
  }

  type Influence {
    "Stands for its cluster of records that say the same."
    record: Record
    contributor: Contributor!
    "One integer score per training seed, in the features' units."
    scores: [BigInt!]!
    mean: BigInt!
    "Standard error of the mean over training seeds."
    standardError: BigInt!
    "max(mean - 2 standard errors, 0), leverage capped: pay is proportional to it."
    utility: BigInt!
    "Part of the answer's contributor pool, in parts per million, rounded down."
    sharePpm: Int!
  }

  type VerbatimSpan {
    "UTF-16 offsets into the answer's text."
    start: Int!
    end: Int!
    text: String!
    "How unlikely the span's words are, in thousandths of a bit."
    surprisalMillibits: Int!
    documents: [VerbatimDocument!]!
  }

  type VerbatimDocument {
    record: Record
    "UTF-16 offsets into the record's text."
    start: Int!
    end: Int!
  }
`

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
  return { cid, evidence: parseManifest(Evidence, await context.contentStore.get(cid), 'evidence') }
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
    influence: ({ evidence }: EvidenceRow, { first }: { first: number }) =>
      firstOf(strongest(evidence.influence), first),
    verbatim: ({ evidence }: EvidenceRow, { first }: { first: number }) => firstOf(evidence.verbatim, first),
    retrieval: ({ evidence }: EvidenceRow, { first }: { first: number }, { records }: ApiContext) =>
      Promise.all(firstOf(evidence.retrieval, first).map(({ record }) => records.load(record))),
  },
  Influence: {
    record: ({ canonical }: InfluenceEvidence, _: unknown, { records }: ApiContext) => records.load(canonical),
    contributor: ({ contributor }: InfluenceEvidence) => ({ account: contributor }),
  },
  VerbatimDocument: {
    record: ({ record }: VerbatimEvidence['documents'][number], _: unknown, { records }: ApiContext) =>
      records.load(record),
  },
}
