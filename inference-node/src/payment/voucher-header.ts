import { SignedVoucher } from '@openledger/protocol'

/** Name of the request header that carries a voucher. */
export const VOUCHER_HEADER = 'OpenLedger-Voucher'

/** A signed voucher has about 500 characters; a contract's signature may need more. */
const MAX_LENGTH = 12_000

/** A voucher as the header carries it: base64 of its JSON. */
export function encodeVoucher(voucher: SignedVoucher): string {
  return Buffer.from(JSON.stringify(voucher)).toString('base64')
}

/** The voucher in a header; null when it is none. */
export function decodeVoucher(header: string): SignedVoucher | null {
  if (header.length > MAX_LENGTH) return null
  try {
    return SignedVoucher.strict().parse(JSON.parse(Buffer.from(header, 'base64').toString('utf8')))
  } catch {
    return null
  }
}
