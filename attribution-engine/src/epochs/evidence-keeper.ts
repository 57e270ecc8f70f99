import type { ContentStore } from '@openledger/content-store'
import type { LineageStore } from '@openledger/lineage-store'
import {
  type AnswerReceipt,
  cidOfDigest,
  Evidence,
  OpenLedgerError,
  parseManifest,
  ReceiptsManifest,
  RequestTranscript,
  ResponseTranscript,
} from '@openledger/protocol'
import type { EvidenceMaker } from '../evidence/create-evidence.ts'
import type { InfluenceMatrix } from '../influence/influence-matrix.ts'
import type { Journal } from './journal.ts'

/** An answer as much as evidence needs of it. */
export type EvidencedAnswer = { receiptHash: `0x${string}`; receipt: AnswerReceipt; features: `0x${string}` }

/** Evidence of answers, computed once, found again by its CID in the journal. */
export class EvidenceKeeper {
  readonly #stages: EvidenceKeeper.Stages
  readonly #running = new Map<string, Promise<EvidenceKeeper.Kept>>()

  constructor(stages: EvidenceKeeper.Stages) {
    this.#stages = stages
  }

  /** Two that ask for the same answer at once wait for one computation. */
  of(answer: EvidencedAnswer): Promise<EvidenceKeeper.Kept> {
    const { receiptHash } = answer
    const running = this.#running.get(receiptHash) ?? this.#of(answer).finally(() => this.#running.delete(receiptHash))
    this.#running.set(receiptHash, running)
    return running
  }

  /**
   * Evidence of an answer that is known by its name only.
   * @throws answer.unknown unless its receipt is anchored and mirrored; answer.not_attributable for a model without features
   */
  async ofReceipt(receiptHash: `0x${string}`): Promise<EvidenceKeeper.Kept> {
    const { lineage, content } = this.#stages
    const rows = await lineage.query<{ cid: string; model: string | null; features: `0x${string}` | null }>(
      `SELECT b.receiptsCid AS cid, a.model, f.digest AS features FROM Answer a
       JOIN ReceiptBatch b ON b.id = a.batch LEFT JOIN Features f ON f.model = a.model WHERE a.receiptHash = $1`,
      [receiptHash],
    )
    const row = rows[0]
    if (row === undefined) throw unknownAnswer(receiptHash)
    if (row.features === null) {
      throw new OpenLedgerError('answer.not_attributable', 'The model of this answer has no attribution features.', {
        facts: { receiptHash, modelId: row.model },
        nextStep: 'Nothing: a base that answers alone was trained on no Datanet, and its answers are traced to none.',
      })
    }
    const { receipts } = parseManifest(ReceiptsManifest, await content.get(row.cid), 'receipts manifest')
    const signed = receipts.find((candidate) => candidate.receiptHash === receiptHash)
    if (signed === undefined) throw unknownAnswer(receiptHash)
    return this.of({ receiptHash, receipt: signed.receipt, features: row.features })
  }

  async #of({ receiptHash, receipt, features }: EvidencedAnswer): Promise<EvidenceKeeper.Kept> {
    const { content, journal, matrix } = this.#stages
    const featuresCid = cidOfDigest(features)
    const kept = await this.#kept(receiptHash, featuresCid)
    if (kept !== null) return kept
    const maker = await this.#stages.makerOf(receipt.baseModelId)
    const made = await maker.evidenceFor(
      {
        receipt: { receiptHash, receipt },
        request: parseManifest(RequestTranscript, await content.get(cidOfDigest(receipt.requestHash)), 'request'),
        response: parseManifest(ResponseTranscript, await content.get(cidOfDigest(receipt.responseHash)), 'response'),
      },
      { modelId: receipt.modelId, featuresCid },
    )
    await matrix.put(made.evidence)
    await journal.keepEvidence(receiptHash, made.cid)
    return made
  }

  /** What was computed before; null when it was not, is lost, or rests on other features than the chain names now. */
  async #kept(receiptHash: string, featuresCid: string): Promise<EvidenceKeeper.Kept | null> {
    const { content, journal } = this.#stages
    const cid = await journal.evidenceOf(receiptHash)
    if (cid === null || !(await content.has(cid))) return null
    const evidence = parseManifest(Evidence, await content.get(cid), 'evidence')
    return evidence.features === featuresCid ? { evidence, cid } : null
  }
}

export declare namespace EvidenceKeeper {
  type Stages = {
    journal: Pick<Journal, 'evidenceOf' | 'keepEvidence'>
    /** Answers × clusters, for analysts. */
    matrix: Pick<InfluenceMatrix, 'put'>
    lineage: Pick<LineageStore, 'query'>
    content: Pick<ContentStore, 'get' | 'has'>
    /** What computes evidence for adapters of this base model. */
    makerOf: (baseModelId: `0x${string}`) => Promise<Pick<EvidenceMaker, 'evidenceFor'>>
  }
  type Kept = { evidence: Evidence; cid: string }
}

function unknownAnswer(receiptHash: string): OpenLedgerError {
  return new OpenLedgerError('answer.unknown', 'No anchored receipt has this hash.', {
    facts: { receiptHash },
    nextStep:
      'Check the hash. An answer is known here once its node has settled it and the index has read its receipt.',
  })
}
