import { type Attribution, jsonDigest, receiptHash, receiptSigner } from '@openledger/protocol'
import type { TypedDataDomain } from 'ethers'
import type { ReceiptReply } from './paying-client.ts'

/** Names of the checks by which a receipt does not prove what was answered; empty when it does. */
export function failedChecks(
  domain: TypedDataDomain,
  { request, response, ...signed }: ReceiptReply,
  { text, attribution }: { text: string; attribution: Attribution },
): string[] {
  const { receipt } = signed
  const checks: [what: string, holds: boolean][] = [
    ['receiptHash', receiptHash(domain, receipt) === signed.receiptHash && signed.receiptHash === attribution.receipt],
    ['signature', receiptSigner(domain, signed) === receipt.node],
    ['requestHash', jsonDigest(request) === receipt.requestHash],
    ['responseHash', jsonDigest(response) === receipt.responseHash],
    ['text', response.text === text],
    ['promptTokens', receipt.promptTokens === String(request.promptTokenIds.length)],
    ['completionTokens', receipt.completionTokens === String(response.tokenIds.length)],
    ['priceWei', receipt.priceWei === attribution.priceWei],
  ]
  return checks.filter(([, holds]) => !holds).map(([what]) => what)
}
