import { SignedVoucher } from './voucher.ts'

/** Name of the request header that carries a voucher. */
export const VOUCHER_HEADER = 'OpenLedger-Voucher'

/** A signed voucher has about 500 characters; a contract's signature may need more. */
const MAX_LENGTH = 12_000

/** A voucher as the header carries it: base64 of its JSON, which is ASCII. */
export function encodeVoucher(voucher: SignedVoucher): string {
  return btoa(JSON.stringify(voucher))
}

/** The voucher in a header; null when it is none. */
export function decodeVoucher(header: string): SignedVoucher | null {
  if (header.length > MAX_LENGTH) return null
  try {
    return SignedVoucher.strict().parse(JSON.parse(atob(header)))
  } catch {
    return null
  }
}

/** What a voucher must say for a request to be served: the node's answer 402. Wei as decimal strings. */
export type PaymentRequirements = {
  node: string
  modelId: string
  escrow: string
  chainId: number
  /** At least. */
  cumulativeWei: string
  /** What the channel has cost so far. Known to its payer only: 0 before a valid signature was seen. */
  spentWei: string
  /** At least, Unix seconds. */
  expiresAt: string
  /** What the payer can be charged in all; null before a valid signature was seen. */
  balanceWei: string | null
}

/** How an answer came about, and where that is proven: what a node adds to OpenAI's members. */
export type Attribution = {
  /** Hash of the node's AnswerReceipt; GET /v1/receipts/<hash> gives it with the transcripts. */
  receipt: string
  requestCid: string
  responseCid: string
  /** Where the attribution engine explains the answer, once its receipt is settled. */
  evidence: string
  priceWei: string
}
