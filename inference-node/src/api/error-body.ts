import { OpenLedgerError } from '@openledger/protocol'
import { RequestError } from '../error.ts'
import { PaymentError } from '../payment/payment-error.ts'

export type ErrorReply = {
  status: number
  body: {
    error: { message: string; type: string; code: string; param: string | null; nextStep: string }
    /** What a voucher must say, where that is what is missing. */
    requirements?: PaymentError.Requirements
  }
  /** Seconds after which the same request may succeed. */
  retryAfterS?: number
}

/** An error as OpenAI's clients read it. What was not meant for a client says nothing but that it happened. */
export function errorReply(error: unknown): ErrorReply {
  if (error instanceof PaymentError) {
    const status = error.code === 'voucher.malformed' ? 400 : 402
    return {
      ...reply(status, 'payment_required', error),
      body: { ...reply(status, 'payment_required', error).body, requirements: error.requirements },
    }
  }
  if (error instanceof RequestError) {
    const type =
      error.status === 429 ? 'rate_limit_error' : error.status >= 500 ? 'server_error' : 'invalid_request_error'
    const answer = reply(error.status, type, error, error.param)
    return error.retryAfterS === null ? answer : { ...answer, retryAfterS: error.retryAfterS }
  }
  const malformed = pathFault(error)
  if (malformed !== null) return errorReply(malformed)
  // Nobody hears it: the client has gone.
  if (error instanceof OpenLedgerError && error.code === 'request.cancelled') {
    return reply(499, 'invalid_request_error', error)
  }
  if (error instanceof OpenLedgerError) return reply(503, 'server_error', error)
  return reply(
    500,
    'server_error',
    new OpenLedgerError('node.fault', 'The node met an unexpected fault.', {
      nextStep: 'Ask again; if it happens again, tell its operator.',
    }),
  )
}

function reply(status: number, type: string, error: OpenLedgerError, param: string | null = null): ErrorReply {
  const { code, message, nextStep, retryable } = error
  const retries = retryable && (status === 429 || status === 503)
  return { status, body: { error: { message, type, code, param, nextStep } }, ...(retries && { retryAfterS: 1 }) }
}

/** What express throws about paths, as an error of ours. */
function pathFault(error: unknown): RequestError | null {
  const { status } = (error ?? {}) as { status?: unknown }
  if (status !== 400) return null
  return new RequestError('request.invalid', 'The path is malformed.', {
    status,
    nextStep: 'Encode what stands in the path.',
  })
}
