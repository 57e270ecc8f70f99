import { OpenLedgerError } from '@openledger/protocol'
import type { NextFunction, Request, Response } from 'express'
import { extensionsOf } from '../graphql/error-format.ts'

const STATUS_BY_CODE: Readonly<Record<string, number>> = {
  'cid.malformed': 400,
  'content.missing': 404,
  'content.too_large': 413,
  'graphql.post_only': 405,
  'graphql.json_only': 415,
  'graphql.not_safelisted': 403,
  'graphql.unknown_operation': 404,
  'http.no_such_path': 404,
  'http.too_many_requests': 429,
  'session.required': 401,
  'session.refused': 401,
}

/** Every refusal in one form: GraphQL's where GraphQL was asked, otherwise `{error}`. A stack never leaves. */
export function answerError(error: unknown, request: Request, response: Response, _next: NextFunction): void {
  if (response.headersSent) return void response.destroy()
  const told = error instanceof OpenLedgerError ? error : translate(error)
  const status = told.facts.status ?? STATUS_BY_CODE[told.code] ?? (told.retryable ? 503 : 400)
  // The rest of a refused body is not read.
  if (!request.complete) response.setHeader('Connection', 'close')
  response.status(Number(status))
  if (request.path === '/graphql' || request.baseUrl === '/graphql') {
    return void response.json({ errors: [{ message: told.message, extensions: extensionsOf(told) }] })
  }
  response.json({ error: told.toJSON() })
}

function translate(error: unknown): OpenLedgerError {
  const status = Number((error as { status?: unknown } | null)?.status)
  if (status >= 400 && status < 500) {
    return new OpenLedgerError('http.refused', 'The request could not be read.', {
      facts: { status },
      nextStep: 'Send JSON of at most 256 KB with content-type application/json.',
    })
  }
  return new OpenLedgerError('http.failed', 'Something went wrong here.', {
    facts: { status: 502 },
    nextStep: 'Ask again in a moment.',
    retryable: true,
  })
}
