import { OpenLedgerError, type PaymentRequirements } from '@openledger/protocol'

/** A request that is not paid for. It says what a voucher must be for the request to be served. */
export class PaymentError extends OpenLedgerError {
  readonly requirements: PaymentError.Requirements

  constructor(
    code: PaymentError.Code,
    message: string,
    requirements: PaymentError.Requirements,
    facts: Record<string, OpenLedgerError.Fact> = {},
  ) {
    super(code, message, {
      facts,
      nextStep:
        code === 'escrow.insufficient'
          ? 'Deposit OPEN for this payer in the escrow, or ask for fewer tokens.'
          : 'Send a voucher that meets `requirements` in the header OpenLedger-Voucher, as base64 of its JSON.',
      retryable: false,
    })
    this.name = 'PaymentError'
    this.requirements = requirements
  }
}

export declare namespace PaymentError {
  type Code =
    | 'voucher.missing'
    | 'voucher.malformed'
    | 'voucher.wrong_node'
    | 'voucher.wrong_model'
    | 'voucher.expired'
    | 'voucher.bad_signature'
    | 'voucher.stale'
    | 'voucher.insufficient'
    | 'escrow.insufficient'
  type Requirements = PaymentRequirements
}
