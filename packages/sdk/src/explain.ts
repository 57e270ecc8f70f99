import { OpenLedgerError } from '@openledger/protocol'
import { fetchJson } from './fetch-json.ts'
import { ask } from './graphql.ts'
import type { Network } from './network.ts'
import { ANSWER, type AnswerRow } from './queries.ts'

const RECEIPT = /^0x[0-9a-f]{64}$/

/**
 * Why an answer says what it says, and who is paid for it: as the index and the engine state it. `verify` trusts neither.
 * @param first most records and spans of each kind, 1 to 100
 * @throws receipt.malformed; answer.unknown, which a new answer is until its node settles and the index has read that
 */
export async function explain(network: Network, receiptHash: string, first = 10): Promise<AnswerRow> {
  requireReceiptHash(receiptHash)
  const { answer } = await ask(network, ANSWER, { receiptHash, first })
  if (answer !== null) return answer
  throw unknownAnswer(receiptHash)
}

/** Whether the node itself gave this receipt, settled or not. */
export async function isGiven({ urls }: Network, receiptHash: string): Promise<boolean> {
  requireReceiptHash(receiptHash)
  return fetchJson(`${urls.inference}/v1/receipts/${receiptHash}`).then(
    () => true,
    () => false,
  )
}

export function requireReceiptHash(receiptHash: string): void {
  if (RECEIPT.test(receiptHash)) return
  throw new OpenLedgerError('receipt.malformed', 'A receipt is named by 0x and 64 lower-case hex digits.', {
    facts: { receipt: receiptHash.slice(0, 80) },
    nextStep: 'Take `attribution.receipt` of the answer.',
  })
}

export function unknownAnswer(receiptHash: string): OpenLedgerError {
  return new OpenLedgerError('answer.unknown', 'No settled answer has this receipt.', {
    facts: { receipt: receiptHash },
    nextStep: 'Nodes settle every few minutes: ask again then, or compare the hash.',
    retryable: true,
  })
}
