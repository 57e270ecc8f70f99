import { unwrapResolverError } from '@apollo/server/errors'
import { OpenLedgerError } from '@openledger/protocol'
import type { GraphQLFormattedError } from 'graphql'

const DOCS = 'https://github.com/openledger/openledger/blob/main/docs/errors.md'

/** What a client sees of an error: code, hint and where to read on; a stack or an inner message never. */
export function formatError(formatted: GraphQLFormattedError, error: unknown): GraphQLFormattedError {
  const inner = unwrapResolverError(error)
  const place = {
    ...(formatted.path && { path: formatted.path }),
    ...(formatted.locations && { locations: formatted.locations }),
  }
  if (inner instanceof OpenLedgerError) {
    const docsUrl = `${DOCS}#${inner.code.replace('.', '')}`
    const extensions = { code: inner.code, hint: inner.nextStep, docsUrl, retryable: inner.retryable }
    return { message: inner.message, ...place, extensions }
  }
  const code = String(formatted.extensions?.code ?? 'INTERNAL_SERVER_ERROR')
  if (code !== 'INTERNAL_SERVER_ERROR') {
    return { message: formatted.message, ...place, extensions: { code, hint: 'Correct the query.', docsUrl: DOCS } }
  }
  const hint = 'Ask again; if it stays, report it with the time.'
  return { message: 'Something went wrong here.', ...place, extensions: { code, hint, docsUrl: DOCS } }
}
