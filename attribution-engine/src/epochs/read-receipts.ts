import type { ContentStore } from '@openledger/content-store'
import {
  cidOfDigest,
  MerkleTree,
  OpenLedgerError,
  parseManifest,
  ReceiptsManifest,
  receiptHash,
  receiptSigner,
  type SignedReceipt,
} from '@openledger/protocol'
import type { TypedDataDomain } from 'ethers'
import type { SettledBatch } from './facts.ts'

/** A batch's receipts, or the first thing that is wrong with them. */
export type ReceiptsReading =
  | { kind: 'good'; receipts: readonly SignedReceipt[] }
  | { kind: 'faulty'; code: ReceiptsFault; facts: Record<string, OpenLedgerError.Fact> }

export type ReceiptsFault =
  | 'receipts.malformed'
  | 'receipts.root_differs'
  | 'receipts.chain_broken'
  | 'receipts.hash_differs'
  | 'receipts.signature_invalid'

/**
 * Reads the receipts that a batch names and checks them against what is anchored: their Merkle root and number, that they
 * continue the node's chain without a gap, and each one's hash and signature. Whether their prices sum to what was paid is
 * for the verifier to report: contributors are not made to lose what a node adds up wrongly.
 *
 * A fault is a finding, not an error: what the node anchored cannot be changed any more, so everybody finds the same one.
 * @throws content.missing and content.unreachable, which say nothing about the receipts
 */
export async function readReceipts(
  batch: SettledBatch,
  content: Pick<ContentStore, 'get'>,
  domain: TypedDataDomain,
): Promise<ReceiptsReading> {
  const bytes = await content.get(cidOfDigest(batch.receiptsDigest))
  let manifest: ReceiptsManifest
  try {
    manifest = parseManifest(ReceiptsManifest, bytes, 'receipts manifest')
  } catch (error) {
    if (!(error instanceof OpenLedgerError)) throw error
    return { kind: 'faulty', code: 'receipts.malformed', facts: { ...error.facts } }
  }
  const fault = findFault(batch, manifest, domain)
  return fault ?? { kind: 'good', receipts: manifest.receipts }
}

function findFault(batch: SettledBatch, manifest: ReceiptsManifest, domain: TypedDataDomain): ReceiptsReading | null {
  const faulty = (code: ReceiptsFault, facts: Record<string, OpenLedgerError.Fact>): ReceiptsReading => ({
    kind: 'faulty',
    code,
    facts: { node: batch.node, batch: batch.number, ...facts },
  })
  const { receipts } = manifest
  const hashes = receipts.map((signed) => signed.receiptHash)
  const root = new MerkleTree(hashes).root
  if (root !== batch.receiptsRoot)
    return faulty('receipts.root_differs', { anchored: batch.receiptsRoot, computed: root })
  if (BigInt(receipts.length) !== batch.receiptCount || hashes.at(-1) !== batch.lastReceiptHash) {
    return faulty('receipts.chain_broken', { reason: 'count or last receipt', receipts: receipts.length })
  }
  let previous: string = batch.previousReceipt
  for (const [index, signed] of receipts.entries()) {
    const { receipt } = signed
    const sequence = batch.firstSequence + BigInt(index)
    const continues = receipt.previousReceipt === previous && BigInt(receipt.sequence) === sequence
    if (!continues || receipt.node !== batch.node) return faulty('receipts.chain_broken', { index, sequence })
    const hash = receiptHash(domain, receipt)
    if (hash !== signed.receiptHash) {
      return faulty('receipts.hash_differs', { index, stated: signed.receiptHash, computed: hash })
    }
    if (!isSignedByNode(domain, signed)) return faulty('receipts.signature_invalid', { index, receiptHash: hash })
    previous = hash
  }
  return null
}

function isSignedByNode(domain: TypedDataDomain, signed: SignedReceipt): boolean {
  try {
    return receiptSigner(domain, signed) === signed.receipt.node
  } catch {
    return false // no point of the curve: nobody signed it
  }
}
