/**
 * The node's receipts: one chain, numbered from 0 without gaps, each naming the one before it. A receipt, the
 * transcripts that it hashes and the charge for the answer are stored in one transaction, before the answer's last byte.
 */
import type { DatabaseSync, SQLOutputValue, StatementSync } from 'node:sqlite'
import {
  AnswerReceipt,
  canonicalJson,
  digestOf,
  type RequestTranscript,
  type ResponseTranscript,
  type SignedReceipt,
  signReceipt,
} from '@openledger/protocol'
import type { Signer, TypedDataDomain } from 'ethers'
import { inTransaction } from '../store/database.ts'

export class ReceiptLog {
  readonly #database: DatabaseSync
  readonly #options: ReceiptLog.Options
  readonly #statements: Record<'byHash' | 'insert' | 'markPublished' | 'unpublished', StatementSync>
  #next: ReceiptLog.Position
  /** Receipts are signed one after the other: each needs the hash of the one before. */
  #tail: Promise<unknown> = Promise.resolve()

  /** @param start where the chain says this node's receipts go on; counts only while the log is empty */
  constructor(database: DatabaseSync, start: ReceiptLog.Position, options: ReceiptLog.Options) {
    this.#database = database
    this.#options = options
    this.#statements = {
      byHash: database.prepare('SELECT * FROM receipts WHERE receipt_hash = ?'),
      insert: database.prepare(
        'INSERT INTO receipts (sequence, receipt_hash, receipt, signature, request, response) VALUES (?, ?, ?, ?, ?, ?)',
      ),
      markPublished: database.prepare('UPDATE receipts SET published = 1 WHERE sequence = ?'),
      unpublished: database.prepare('SELECT * FROM receipts WHERE published = 0 ORDER BY sequence LIMIT 100'),
    }
    const last = database.prepare('SELECT sequence, receipt_hash FROM receipts ORDER BY sequence DESC LIMIT 1').get()
    this.#next =
      last === undefined
        ? start
        : { sequence: Number(last.sequence) + 1, previousReceipt: String(last.receipt_hash) as `0x${string}` }
  }

  /**
   * Signs and stores the receipt of an answer.
   * @param charge books the price; runs in the same transaction
   */
  async append(answer: ReceiptLog.Answer, charge: () => void): Promise<SignedReceipt> {
    const appended = this.#tail.then(() => this.#append(answer, charge))
    this.#tail = appended.catch(() => undefined)
    return appended
  }

  find(receiptHash: string): ReceiptLog.Entry | null {
    const row = this.#statements.byHash.get(receiptHash)
    return row === undefined ? null : entryOf(row)
  }

  /**
   * Puts the transcripts that are not there yet into the content store.
   * @returns how many were put; those after a fault remain for the next call
   */
  async publish(put: (bytes: Uint8Array) => Promise<unknown>): Promise<number> {
    let count = 0
    for (;;) {
      const rows = this.#statements.unpublished.all()
      if (rows.length === 0) return count
      for (const row of rows) {
        await put(Buffer.from(String(row.request)))
        await put(Buffer.from(String(row.response)))
        this.#statements.markPublished.run(Number(row.sequence))
        count++
      }
    }
  }

  async #append(answer: ReceiptLog.Answer, charge: () => void): Promise<SignedReceipt> {
    const { request, response, ...facts } = answer
    const [requestJson, responseJson] = [canonicalJson(request), canonicalJson(response)]
    const { sequence, previousReceipt } = this.#next
    const receipt = AnswerReceipt.parse({
      ...facts,
      requestHash: digestOf(requestJson),
      responseHash: digestOf(responseJson),
      modelId: request.modelId,
      previousReceipt,
      promptTokens: String(request.promptTokenIds.length),
      completionTokens: String(response.tokenIds.length),
      priceWei: facts.priceWei.toString(),
      node: this.#options.node,
      sequence: String(sequence),
      timestampMs: String(facts.timestampMs),
    })
    const signed = await signReceipt(this.#options.signer, this.#options.domain, receipt)
    const text = (json: Uint8Array) => Buffer.from(json).toString('utf8')
    inTransaction(this.#database, () => {
      this.#statements.insert.run(
        sequence,
        signed.receiptHash,
        JSON.stringify(receipt),
        signed.signature,
        text(requestJson),
        text(responseJson),
      )
      charge()
    })
    this.#next = { sequence: sequence + 1, previousReceipt: signed.receiptHash }
    return signed
  }
}

export declare namespace ReceiptLog {
  type Options = {
    signer: Signer
    /** EIP-712 domain of the escrow. */
    domain: TypedDataDomain
    /** The signer's address, lower case. */
    node: string
  }
  /** Where the next receipt stands. */
  type Position = { sequence: number; previousReceipt: `0x${string}` }
  type Answer = {
    request: RequestTranscript
    response: ResponseTranscript
    baseModelId: string
    engineHash: string
    priceWei: bigint
    payer: string
    timestampMs: number
  }
  type Entry = { signed: SignedReceipt; request: RequestTranscript; response: ResponseTranscript }
}

function entryOf(row: Record<string, SQLOutputValue>): ReceiptLog.Entry {
  return {
    signed: signedReceiptOf(row),
    request: JSON.parse(String(row.request)),
    response: JSON.parse(String(row.response)),
  }
}

/** A row of the table as the receipt that was signed. */
export function signedReceiptOf(row: Record<string, SQLOutputValue>): SignedReceipt {
  return {
    receipt: JSON.parse(String(row.receipt)),
    receiptHash: String(row.receipt_hash) as `0x${string}`,
    signature: String(row.signature),
  }
}
