/** What the documents of this room are written from: rows as the GraphQL api gives them, all read at one block. */
import type { Digest } from '@openledger/protocol'

/** Where readers of a document find what it speaks of. */
export type Places = {
  /** Address of the api, without a slash at its end. */
  api: string
  chainId: number
  /** Block at which everything was read. */
  block: number
}

/** Sum of 1 (works may be derived), 2 (commercial use) and 4 (derived works carry the same terms). */
export type LicenceFlags = number

export type Terms = {
  /** SPDX expression. */
  licence: string
  /** Null where the index does not say. */
  licenceFlags: LicenceFlags | null
  /** Part of derived models' income that is asked for, in parts per million. */
  royaltyPpm: number
}

export type DatanetFacts = Terms & {
  licenceFlags: LicenceFlags
  id: Digest
  name: string
  modality: string
  owner: string
  /** Number of contributions so far. */
  version: number
  /** Unix seconds. */
  timestamp: number
}

export type ContributionFacts = { manifestCid: string; isManifestFound: boolean; withdrawnAt: string | null }

export type RecordFacts = {
  digest: Digest
  cid: string
  sizeBytes: string
  mediaType: string
  title: string
  licence: string
  contributor: AgentFacts
  contribution: { transactionHash: string; timestamp: string }
}

/** Somebody who is credited: an account, and the name that it gave or the account again. */
export type AgentFacts = { account: string; name: string }

export type AnswerFacts = {
  receiptHash: Digest
  node: string
  payer: string | null
  timestampMs: string
  promptTokens: string
  completionTokens: string
  priceWei: string
  requestCid: string
  responseCid: string
  engineHash: string
  settlementTransaction: string
  model: (ModelParents & { id: Digest; name: string }) | null
  epoch: { number: number; root: string; manifestCid: string } | null
  evidence: {
    cid: string
    featuresCid: string
    /** How many records there are in all; those below are the strongest. */
    influenceCount: number
    influence: readonly Influence[]
    verbatim: readonly Quotation[]
    retrieval: readonly Source[]
  } | null
}

export type ModelParents = {
  base: { id: Digest; name: string } | null
  datanets: readonly { version: number; datanet: { id: Digest; name: string } }[]
}

/** A record as evidence names it. */
export type Source = { digest: Digest; title: string; licence: string; contributor: AgentFacts }
/** Integers in the features' units; `sharePpm` is the record's part of the contributors' pool. */
export type Influence = { mean: string; standardError: string; sharePpm: number; record: Source | null }
/** UTF-16 offsets into the answer's text and the record's. */
export type Quotation = {
  start: number
  end: number
  text: string
  documents: readonly { start: number; end: number; record: Source | null }[]
}

export type ModelFacts = Terms &
  ModelParents & {
    id: Digest
    kind: string
    name: string
    owner: string
    artefactCid: string
    evaluations: readonly {
      metric: string
      valueE6: string
      evaluator: string
      reportCid: string
      isFlagged: boolean
    }[]
  }
