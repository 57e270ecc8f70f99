import { OpenLedgerError } from '@openledger/protocol'

/** A request that the node refuses, with the place of the fault and the status that HTTP has for it. */
export class RequestError extends OpenLedgerError {
  readonly status: number
  /** The request's member at fault. */
  readonly param: string | null
  /** Seconds after which to ask again, where that is known. */
  readonly retryAfterS: number | null

  constructor(code: RequestError.Code, message: string, options: RequestError.Options) {
    super(code, message, options)
    this.name = 'RequestError'
    this.status = options.status
    this.param = options.param ?? null
    this.retryAfterS = options.retryAfterS ?? null
  }
}

export declare namespace RequestError {
  type Code =
    | 'request.invalid'
    | 'request.unsupported'
    | 'request.too_long'
    | 'request.too_large'
    | 'request.too_slow'
    | 'request.not_operator'
    | 'address.busy'
    | 'request.not_loopback'
    | 'route.unknown'
    | 'model.unknown'
    | 'receipt.unknown'
    | 'schema.invalid'
    | 'schema.unsupported'
    | 'node.busy'
    | 'node.starting'
    | 'node.draining'
    | 'payer.busy'
  type Options = OpenLedgerError.Options & { status: number; param?: string | null; retryAfterS?: number }
}
