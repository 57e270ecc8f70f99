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
  const parserFault = bodyFault(error)
  if (parserFault !== null) return errorReply(parserFault)
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

/** What express and its body parser throw, as errors of ours. */
function bodyFault(error: unknown): RequestError | null {
  const fault = error as { type?: unknown; status?: unknown } | null
  if (typeof fault?.status !== 'number' || fault.status < 400 || fault.status >= 500) return null
  if (fault.type === 'entity.too.large') {
    return new RequestError('request.too_large', 'The body is larger than this node reads.', {
      status: 413,
      nextStep: 'Send a shorter prompt.',
    })
  }
  if (typeof fault.type !== 'string') {
    return new RequestError('request.invalid', 'The path is malformed.', {
      status: fault.status,
      nextStep: 'Encode what stands in the path.',
    })
  }
  return new RequestError('request.invalid', 'The body is not JSON in UTF-8.', {
    status: fault.status,
    facts: { fault: fault.type },
    nextStep: 'Send JSON with the content type application/json.',
  })
}
